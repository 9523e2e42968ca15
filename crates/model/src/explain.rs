//! How a query would be answered, before any protocol prints it.

/// One way to find the rows of a query. The first of a list is the one that the store takes.
#[derive(Clone, Debug, PartialEq)]
pub struct QueryWay {
    /// The object in FROM.
    pub object: String,
    /// What finds the first candidates.
    pub leading: Leading,
    /// The fields that lead, in the order of the index; none for a scan.
    pub fields: Vec<String>,
    /// Rows that the leading operation gives; for a scan those that the whole query finds.
    pub cardinality: u64,
    /// Rows of the object, as far as the caller may see.
    pub rows: u64,
    /// Rows read, against the number up to which a query counts as selective; more than 1 is not.
    pub relative_cost: f64,
    /// Conditions that no index serves: a field and the object that has it.
    pub unindexed: Vec<(String, String)>,
}

/// What finds the first candidates of a query.
#[derive(Clone, Copy, Debug, PartialEq, Eq)]
pub enum Leading {
    /// An index that a condition of the query uses.
    Index,
    /// An index that the caller's access to records uses.
    Sharing,
    /// Every row is looked at.
    TableScan,
    /// Something else.
    Other,
}

impl Leading {
    /// The platform's word.
    pub fn as_str(self) -> &'static str {
        match self {
            Self::Index => "Index",
            Self::Sharing => "Sharing",
            Self::TableScan => "TableScan",
            Self::Other => "Other",
        }
    }
}
