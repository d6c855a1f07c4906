package dev.kimi.samples.chatpage;

import org.springframework.http.HttpStatus;

/** The page's request cannot be taken; the message is shown to its reader. */
final class RejectedRequestException extends RuntimeException {

    private static final long serialVersionUID = 1L;

    private final HttpStatus status;

    RejectedRequestException(HttpStatus status, String message) {
        super(message);
        this.status = status;
    }

    HttpStatus status() {
        return status;
    }
}
