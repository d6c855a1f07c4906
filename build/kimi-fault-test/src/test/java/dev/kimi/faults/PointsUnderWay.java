package dev.kimi.faults;

import dev.kimi.error.DeadlineExceededException.Phase;
import dev.kimi.test.Reply;
import java.nio.charset.StandardCharsets;
import java.time.Duration;
import java.util.concurrent.CompletableFuture;
import org.jspecify.annotations.Nullable;

/** The points after the request was sent. */
final class PointsUnderWay {

    private PointsUnderWay() {}

    /** The request has been read, and no response comes. */
    static final class BeforeHeaders extends AtService {
        @Override
        void prepare(CancelFixture fixture) {
            fixture.kimi.reply(Reply.text("never").stallBeforeHeaders());
        }

        @Override
        void await(CancelFixture fixture, Caller caller) {
            fixture.kimi.awaitRequests(1).join();
        }

        @Override
        Phase phase(boolean streamed) {
            return streamed ? Phase.HEADERS : Phase.FIRST_EVENT;
        }
    }

    /** The headers have arrived, which the client shows by its timer, and no event. */
    static final class BeforeFirstEvent extends AtService {
        @Override
        boolean takes(Way way) {
            return way.form.streamed();
        }

        @Override
        void prepare(CancelFixture fixture) {
            fixture.kimi.reply(Reply.text("never").stallAfterEvents(0));
        }

        @Override
        void await(CancelFixture fixture, Caller caller) {
            CancelFixture.eventually(
                    "silence is watched", () -> fixture.time.waits().contains(CancelFixture.IDLE));
        }

        @Override
        Phase phase(boolean streamed) {
            return Phase.FIRST_EVENT;
        }
    }

    /** Half of a response has arrived: of a stream one event and half of the next. */
    static final class MidEvent extends AtService {
        private long half;

        @Override
        void prepare(CancelFixture fixture) {
            String event = fixture.wire.textEvent("one");
            half = event.length() * 3L / 2;
            fixture.kimi.reply(
                    Reply.raw((event + event).getBytes(StandardCharsets.UTF_8)).stallAfterBytes(half));
        }

        @Override
        void await(CancelFixture fixture, Caller caller) {
            if (caller.form().streamed()) {
                caller.firstEvent.join();
            } else {
                CancelFixture.eventually("half of it was sent", () -> fixture.kimi.bytesSent() == half);
                CancelFixture.eventually(
                        "it arrives",
                        () -> fixture.client().diagnostics().calls().receiving() == 1);
            }
        }

        @Override
        Phase phase(boolean streamed) {
            return streamed ? Phase.IDLE : Phase.FIRST_EVENT;
        }
    }

    /** Some events have arrived whole. */
    static final class BetweenEvents extends AtService {
        @Override
        boolean takes(Way way) {
            return way.form.streamed();
        }

        @Override
        void prepare(CancelFixture fixture) {
            fixture.kimi.reply(Reply.text("one two three four").stallAfterEvents(fixture.wire.eventsUntilText(2)));
        }

        @Override
        void await(CancelFixture fixture, Caller caller) {
            caller.firstEvent.join();
        }

        @Override
        Phase phase(boolean streamed) {
            return Phase.IDLE;
        }
    }

    /** The service said: not now. A deadline cannot pass here, since a back-off that outlasts it is not begun. */
    static final class BackOff extends AtService {
        @Override
        boolean takes(Way way) {
            return !way.isDeadline();
        }

        @Override
        void prepare(CancelFixture fixture) {
            fixture.kimi.reply(Reply.rateLimited(Duration.ofSeconds(20)));
        }

        @Override
        void await(CancelFixture fixture, Caller caller) {
            fixture.call().backOff.join();
        }

        @Override
        boolean breaksOff() {
            return false;
        }

        @Override
        Phase phase(boolean streamed) {
            return Phase.BACK_OFF;
        }
    }

    /**
     * The response is whole, and the caller has seen nothing of it yet: callbacks are held back, and so is the thread
     * that would wake a blocked caller or settle the future.
     */
    static final class AtEnd extends AtService {
        private final CompletableFuture<Void> mayCallBack = new CompletableFuture<>();
        private @Nullable Caller waiting;

        @Override
        void prepare(CancelFixture fixture) {
            fixture.kimi.reply(Reply.text("one two three"));
            fixture.builder.callbackExecutor(callback -> mayCallBack.thenRunAsync(callback));
            fixture.atEnd = () -> {
                if (waiting != null) {
                    mayCallBack.join();
                }
            };
        }

        @Override
        boolean mayReadBefore() {
            return false;
        }

        @Override
        void begins(Caller caller) {
            if (caller.form() == Caller.Form.CHAT || caller.form() == Caller.Form.FUTURE) {
                waiting = caller;
            }
        }

        @Override
        void await(CancelFixture fixture, Caller caller) {
            fixture.call().finished.join();
            CancelFixture.eventually(
                    "the connection is free", () -> fixture.client().pool().exchanges() == 0);
            if (caller.form() == Caller.Form.SUBSCRIBE) {
                caller.mayRead.complete(null);
                caller.subscribed.join();
            }
        }

        @Override
        void release(CancelFixture fixture) {
            if (waiting != null && waiting.form() == Caller.Form.CHAT) {
                waiting.outcome.join();
            }
            mayCallBack.complete(null);
        }

        @Override
        boolean breaksOff() {
            return false;
        }

        @Override
        boolean ended() {
            return true;
        }

        @Override
        Phase phase(boolean streamed) {
            throw new AssertionError("no deadline passes after the end");
        }
    }

    /** One request has reached the simulator. */
    abstract static class AtService extends Point {
        @Override
        int requests() {
            return 1;
        }

        @Override
        boolean breaksOff() {
            return true;
        }
    }
}
