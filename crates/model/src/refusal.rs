//! What a caller is told when something is refused. HTTP, SOAP and Bayeux each pair it with their
//! own status in one place of theirs; here are only the platform's codes (rest-api.md 3.3).

use std::fmt;

/// A refusal in the platform's words: code, message, and the fields it is about.
#[derive(Clone, Debug, PartialEq, Eq)]
pub struct Refusal {
    /// The platform's error code.
    pub code: Code,
    /// For the caller; never carries internals.
    pub message: String,
    /// API names of the fields it is about, in the order of the message.
    pub fields: Vec<String>,
}

impl Refusal {
    /// A refusal about no field in particular.
    pub fn new(code: Code, message: impl Into<String>) -> Self {
        Self {
            code,
            message: message.into(),
            fields: Vec::new(),
        }
    }

    /// A refusal about these fields.
    pub fn about<S: Into<String>>(
        code: Code,
        message: impl Into<String>,
        fields: impl IntoIterator<Item = S>,
    ) -> Self {
        let fields = fields.into_iter().map(Into::into).collect();
        Self {
            code,
            message: message.into(),
            fields,
        }
    }

    /// The answer to any path, object or id that does not exist.
    pub fn not_found() -> Self {
        Self::new(Code::NotFound, "The requested resource does not exist")
    }
}

impl fmt::Display for Refusal {
    fn fmt(&self, f: &mut fmt::Formatter<'_>) -> fmt::Result {
        write!(f, "{}: {}", self.code.as_str(), self.message)
    }
}

impl std::error::Error for Refusal {}

macro_rules! codes {
    ($($variant:ident = $text:literal,)*) => {
        /// The platform's error codes that this server answers with (rest-api.md 3.3, console-api.md A.3).
        #[derive(Clone, Copy, Debug, PartialEq, Eq, Hash)]
        #[allow(missing_docs)]
        pub enum Code { $($variant,)* }

        impl Code {
            /// Every code.
            pub const ALL: &'static [Code] = &[$(Code::$variant,)*];

            /// The code as clients see it.
            pub fn as_str(self) -> &'static str {
                match self { $(Code::$variant => $text,)* }
            }
        }
    };
}

codes! {
    InvalidSessionId = "INVALID_SESSION_ID",
    InvalidAuthHeader = "INVALID_AUTH_HEADER",
    ApiDisabledForOrg = "API_DISABLED_FOR_ORG",
    RequestLimitExceeded = "REQUEST_LIMIT_EXCEEDED",
    InsufficientAccess = "INSUFFICIENT_ACCESS",
    InsufficientAccessOrReadonly = "INSUFFICIENT_ACCESS_OR_READONLY",
    InsufficientAccessOnCrossReferenceEntity = "INSUFFICIENT_ACCESS_ON_CROSS_REFERENCE_ENTITY",
    FunctionalityNotEnabled = "FUNCTIONALITY_NOT_ENABLED",
    NotFound = "NOT_FOUND",
    EntityIsDeleted = "ENTITY_IS_DELETED",
    MethodNotAllowed = "METHOD_NOT_ALLOWED",
    UnsupportedMediaType = "UNSUPPORTED_MEDIA_TYPE",
    UnsupportedApiVersion = "UNSUPPORTED_API_VERSION",
    JsonParserError = "JSON_PARSER_ERROR",
    MissingArgument = "MISSING_ARGUMENT",
    MalformedQuery = "MALFORMED_QUERY",
    InvalidField = "INVALID_FIELD",
    InvalidType = "INVALID_TYPE",
    InvalidQueryFilterOperator = "INVALID_QUERY_FILTER_OPERATOR",
    InvalidQueryLocator = "INVALID_QUERY_LOCATOR",
    InvalidQueryScope = "INVALID_QUERY_SCOPE",
    ExceededMaxSemijoinSubselects = "EXCEEDED_MAX_SEMIJOIN_SUBSELECTS",
    NumberOutsideValidRange = "NUMBER_OUTSIDE_VALID_RANGE",
    QueryTimeout = "QUERY_TIMEOUT",
    QueryTooComplicated = "QUERY_TOO_COMPLICATED",
    OperationTooLarge = "OPERATION_TOO_LARGE",
    MalformedSearch = "MALFORMED_SEARCH",
    MalformedId = "MALFORMED_ID",
    InvalidFieldForInsertUpdate = "INVALID_FIELD_FOR_INSERT_UPDATE",
    RequiredFieldMissing = "REQUIRED_FIELD_MISSING",
    StringTooLong = "STRING_TOO_LONG",
    InvalidOrNullForRestrictedPicklist = "INVALID_OR_NULL_FOR_RESTRICTED_PICKLIST",
    InvalidEmailAddress = "INVALID_EMAIL_ADDRESS",
    FieldIntegrityException = "FIELD_INTEGRITY_EXCEPTION",
    DuplicateValue = "DUPLICATE_VALUE",
    DuplicateDeveloperName = "DUPLICATE_DEVELOPER_NAME",
    DuplicateUsername = "DUPLICATE_USERNAME",
    InvalidCrossReferenceKey = "INVALID_CROSS_REFERENCE_KEY",
    InvalidCrossReferenceTypeForField = "INVALID_CROSS_REFERENCE_TYPE_FOR_FIELD",
    InactiveOwnerOrUser = "INACTIVE_OWNER_OR_USER",
    CannotInsertUpdateActivateEntity = "CANNOT_INSERT_UPDATE_ACTIVATE_ENTITY",
    DeleteFailed = "DELETE_FAILED",
    DependencyExists = "DEPENDENCY_EXISTS",
    EntityIsLocked = "ENTITY_IS_LOCKED",
    LimitExceeded = "LIMIT_EXCEEDED",
    ExceededIdLimit = "EXCEEDED_ID_LIMIT",
    InvalidBatchSize = "INVALID_BATCH_SIZE",
    InvalidReplicationDate = "INVALID_REPLICATION_DATE",
    InvalidIdField = "INVALID_ID_FIELD",
    UndeleteFailed = "UNDELETE_FAILED",
    AllOrNoneOperationRolledBack = "ALL_OR_NONE_OPERATION_ROLLED_BACK",
    PreconditionFailed = "PRECONDITION_FAILED",
    ProcessingHalted = "PROCESSING_HALTED",
    BatchProcessingHalted = "BATCH_PROCESSING_HALTED",
    InvalidOperation = "INVALID_OPERATION",
    InvalidInput = "INVALID_INPUT",
    UnknownException = "UNKNOWN_EXCEPTION",
    ServerUnavailable = "SERVER_UNAVAILABLE",
    InvalidLogin = "INVALID_LOGIN",
    // the agent interface (console-api.md A.3)
    WorkNotFound = "WORK_NOT_FOUND",
    WorkNotAssigned = "WORK_NOT_ASSIGNED",
    WorkNotOpen = "WORK_NOT_OPEN",
    NotLoggedIn = "NOT_LOGGED_IN",
    DeclineNotAllowed = "DECLINE_NOT_ALLOWED",
    DeclineReasonRequired = "DECLINE_REASON_REQUIRED",
    NoCapacity = "NO_CAPACITY",
    StatusNotAllowed = "STATUS_NOT_ALLOWED",
    InvalidArgument = "INVALID_ARGUMENT",
}
