package dev.kimi.faults;

import dev.kimi.faults.Caller.Form;

/** The ways in which a call is cancelled, each with the form of call that it belongs to. */
enum Way {
    FUTURE(Form.FUTURE),
    STREAM_CLOSE(Form.ITERATE),
    SUBSCRIPTION(Form.SUBSCRIBE),
    DISPOSE_OF_MONO(Form.MONO),
    DISPOSE_OF_FLUX(Form.FLUX),
    INTERRUPT(Form.CHAT),
    INTERRUPT_OF_READER(Form.ITERATE),
    DEADLINE(Form.FUTURE),
    DEADLINE_OF_STREAM(Form.ITERATE),
    CLIENT_CLOSE(Form.FUTURE),
    CLIENT_CLOSE_UNDER_STREAM(Form.SUBSCRIBE);

    final Form form;

    Way(Form form) {
        this.form = form;
    }

    /** Whoever cancels in this way hears nothing more, not even why. */
    boolean isSilent() {
        return this == SUBSCRIPTION || this == DISPOSE_OF_MONO || this == DISPOSE_OF_FLUX;
    }

    boolean isDeadline() {
        return this == DEADLINE || this == DEADLINE_OF_STREAM;
    }

    boolean isClientClose() {
        return this == CLIENT_CLOSE || this == CLIENT_CLOSE_UNDER_STREAM;
    }

    boolean isInterrupt() {
        return this == INTERRUPT || this == INTERRUPT_OF_READER;
    }

    /** Does it, on the thread of the test: it must come back while the service is silent. */
    void cancel(CancelFixture fixture, Caller caller) {
        switch (this) {
            case FUTURE -> caller.cancelFuture();
            case STREAM_CLOSE -> caller.closeStream();
            case SUBSCRIPTION -> caller.cancelSubscription();
            case DISPOSE_OF_MONO, DISPOSE_OF_FLUX -> caller.dispose();
            case INTERRUPT, INTERRUPT_OF_READER -> caller.interrupt();
            case DEADLINE, DEADLINE_OF_STREAM -> fixture.time.advance(CancelFixture.DEADLINE);
            case CLIENT_CLOSE, CLIENT_CLOSE_UNDER_STREAM -> fixture.client().close();
        }
    }
}
