//! The only place that pairs a refusal with an HTTP status (rest-api.md 3.3, section 12; telephony.md 1.4).

use axum::http::StatusCode;
use model::Code;

/// The status of a refusal over REST and the agent interface.
pub fn of(code: Code) -> StatusCode {
    use Code as C;
    match code {
        C::InvalidSessionId | C::InvalidAuthHeader => StatusCode::UNAUTHORIZED,
        C::ApiDisabledForOrg
        | C::RequestLimitExceeded
        | C::InsufficientAccess
        | C::FunctionalityNotEnabled
        | C::StatusNotAllowed => StatusCode::FORBIDDEN,
        C::NotFound | C::EntityIsDeleted | C::WorkNotFound => StatusCode::NOT_FOUND,
        C::MethodNotAllowed => StatusCode::METHOD_NOT_ALLOWED,
        C::UnsupportedMediaType => StatusCode::UNSUPPORTED_MEDIA_TYPE,
        C::BatchProcessingHalted | C::PreconditionFailed => StatusCode::PRECONDITION_FAILED,
        C::WorkNotAssigned
        | C::WorkNotOpen
        | C::NotLoggedIn
        | C::DeclineNotAllowed
        | C::DeclineReasonRequired
        | C::NoCapacity => StatusCode::CONFLICT,
        C::UnknownException => StatusCode::INTERNAL_SERVER_ERROR,
        C::ServerUnavailable => StatusCode::SERVICE_UNAVAILABLE,
        C::UnsupportedApiVersion
        | C::JsonParserError
        | C::MissingArgument
        | C::MalformedQuery
        | C::InvalidField
        | C::InvalidType
        | C::InvalidQueryFilterOperator
        | C::InvalidQueryLocator
        | C::InvalidQueryScope
        | C::ExceededMaxSemijoinSubselects
        | C::NumberOutsideValidRange
        | C::QueryTimeout
        | C::QueryTooComplicated
        | C::OperationTooLarge
        | C::MalformedSearch
        | C::MalformedId
        | C::InvalidFieldForInsertUpdate
        | C::RequiredFieldMissing
        | C::StringTooLong
        | C::InvalidOrNullForRestrictedPicklist
        | C::InvalidEmailAddress
        | C::FieldIntegrityException
        | C::DuplicateValue
        | C::DuplicateDeveloperName
        | C::DuplicateUsername
        | C::InsufficientAccessOrReadonly
        | C::InsufficientAccessOnCrossReferenceEntity
        | C::InvalidCrossReferenceKey
        | C::InvalidCrossReferenceTypeForField
        | C::InactiveOwnerOrUser
        | C::CannotInsertUpdateActivateEntity
        | C::DeleteFailed
        | C::DependencyExists
        | C::EntityIsLocked
        | C::LimitExceeded
        | C::ExceededIdLimit
        | C::InvalidBatchSize
        | C::InvalidReplicationDate
        | C::InvalidIdField
        | C::UndeleteFailed
        | C::AllOrNoneOperationRolledBack
        | C::ProcessingHalted
        | C::InvalidOperation
        | C::InvalidInput
        | C::InvalidLogin
        | C::InvalidArgument => StatusCode::BAD_REQUEST,
    }
}

/// The status of a refusal over telephony: everything about the token is 401, an unknown call 404.
pub fn of_telephony(code: Code) -> StatusCode {
    match code {
        Code::InvalidCrossReferenceKey => StatusCode::NOT_FOUND,
        Code::RequestLimitExceeded | Code::LimitExceeded => StatusCode::TOO_MANY_REQUESTS,
        other => of(other),
    }
}
