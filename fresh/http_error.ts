/** What an `HttpError` may carry besides its status and message. */
export interface HttpErrorOptions extends ErrorOptions {
  /** Sent with the error page, e.g. `Allow` or `Retry-After`. */
  headers?: HeadersInit;
}

/** Ends a request with a status; the nearest `_error` (or `_404`) page is shown. */
export class HttpError extends Error {
  readonly status: number;
  readonly headers: Headers;

  constructor(status: number, message = `HTTP ${status}`, options: HttpErrorOptions = {}) {
    super(message, options);
    this.name = "HttpError";
    this.status = status;
    this.headers = new Headers(options.headers);
  }
}
