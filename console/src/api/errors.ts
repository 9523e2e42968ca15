/**
 * What can go wrong between the console and the server, and how we say it to a person.
 *
 * Codes are those of console-api.md A.3 plus the platform's own; a code we do not know falls back
 * to the server's sentence, never to a bare code.
 */

export class ApiError extends Error {
  /** `status` is the HTTP status, 0 when no answer came. */
  constructor(
    readonly status: number,
    readonly code: string,
    message: string,
  ) {
    super(message);
    this.name = 'ApiError';
  }

  get isSessionEnd(): boolean {
    return this.status === 401 || this.code === 'INVALID_SESSION_ID';
  }

  /** No answer came: the command may or may not have been applied. */
  get isUnanswered(): boolean {
    return this.status === 0;
  }
}

const sentences: Record<string, string> = {
  NOT_LOGGED_IN: 'You are offline. Choose a status first.',
  INVALID_ARGUMENT: 'The server did not understand this request.',
  STATUS_NOT_ALLOWED: 'You are not allowed to use this status.',
  WORK_NOT_FOUND: 'This work is no longer yours.',
  WORK_NOT_ASSIGNED: 'This offer is no longer open.',
  WORK_NOT_OPEN: 'This work is already finished.',
  DECLINE_NOT_ALLOWED: 'Your administrator has switched off declining.',
  DECLINE_REASON_REQUIRED: 'Please choose a reason for declining.',
  NO_CAPACITY: 'You have no free capacity for this.',
  CONNECTION_LOST: 'The server cannot be reached. Check your connection and try again.',
  TIMEOUT: 'The server took too long to answer. Please try again.',
  SERVER_UNAVAILABLE: 'The server is busy. Please try again in a moment.',
  REQUEST_LIMIT_EXCEEDED: 'Too many requests. Please wait a moment.',
  INSUFFICIENT_ACCESS: 'You do not have access to this.',
  API_DISABLED_FOR_ORG: 'Your user has no access to Trunkline.',
  UNKNOWN_EXCEPTION: 'Something went wrong on the server. Please try again.',
  INTERNAL: 'Something went wrong on the server. Please try again.',
};

/** The sentence a person reads for `error`. */
export function inWords(error: unknown): string {
  if (!(error instanceof ApiError)) return 'Something unexpected happened. Please try again.';
  return sentences[error.code] ?? (error.message || 'The request failed. Please try again.');
}

const logInSentences: Record<string, string> = {
  invalid_grant: 'User name and password do not match.',
  invalid_client: 'This server does not know the Trunkline console.',
  invalid_client_id: 'This server does not know the Trunkline console.',
  inactive_user: 'This user is switched off. Please ask your administrator.',
  inactive_org: 'This organization is switched off. Please ask your administrator.',
  rate_limit_exceeded: 'Too many attempts. Please wait a moment.',
};

/** The sentence for a refused log-in; OAuth has error codes of its own. */
export function logInWords(error: unknown): string {
  if (error instanceof ApiError) return logInSentences[error.code] ?? inWords(error);
  return inWords(error);
}
