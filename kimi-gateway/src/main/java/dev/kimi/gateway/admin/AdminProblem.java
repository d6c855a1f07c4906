package dev.kimi.gateway.admin;

import org.springframework.http.HttpStatus;

/** A request of the admin face that gets an error response. Its message is for the one who sent it. */
final class AdminProblem extends RuntimeException {

    private static final long serialVersionUID = 1;

    private final HttpStatus status;
    private final String detail;
    private final long retryAfterSeconds;

    AdminProblem(HttpStatus status, String detail) {
        this(status, detail, 0);
    }

    AdminProblem(HttpStatus status, String detail, long retryAfterSeconds) {
        super(detail, null, false, false);
        this.status = status;
        this.detail = detail;
        this.retryAfterSeconds = retryAfterSeconds;
    }

    HttpStatus status() {
        return status;
    }

    String detail() {
        return detail;
    }

    long retryAfterSeconds() {
        return retryAfterSeconds;
    }
}
