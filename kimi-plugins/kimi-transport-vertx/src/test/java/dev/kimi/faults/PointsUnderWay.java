package dev.kimi.faults;

import dev.kimi.error.DeadlineExceededException.Phase;
import dev.kimi.test.Reply;
import java.nio.charset.StandardCharsets;
import java.time.Duration;
import java.util.concurrent.CompletableFuture;

/** The points after the request was sent. */
final class PointsUnderWay {

    private static final String EVENT =
            "data: {\"id\":\"chatcmpl-1\",\"object\":\"chat.completion.chunk\",\"created\":1,"
                    + "\"model\":\"kimi-k3\",\"choices\":[{\"index\":0,\"delta\":{\"role\":\"assistant\",\"content\":\"one\"},"
                    + "\"finish_reason\":null}]}\n\n";

    private PointsUnderWay() {}

    /** The request has been read, and no answer comes. */
    static final class BeforeHeaders extends AtService {
        @Override
        void prepare(Scene scene) {
            scene.kimi.reply(Reply.text("never").stallBeforeHeaders());
        }

        @Override
        void await(Scene scene, Caller caller) {
            scene.kimi.awaitRequests(1).join();
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
        void prepare(Scene scene) {
            scene.kimi.reply(Reply.text("never").stallAfterEvents(0));
        }

        @Override
        void await(Scene scene, Caller caller) {
            Scene.eventually("silence is watched", () -> scene.time.waits().contains(Scene.IDLE));
        }

        @Override
        Phase phase(boolean streamed) {
            return Phase.FIRST_EVENT;
        }
    }

    /** A stream has delivered something, and has not ended. */
    private abstract static class WithinStream extends AtService {
        @Override
        boolean takes(Way way) {
            return way.form.streamed();
        }

        @Override
        void await(Scene scene, Caller caller) {
            caller.firstEvent.join();
        }

        @Override
        Phase phase(boolean streamed) {
            return Phase.IDLE;
        }
    }

    /** One event has arrived, and half of the next. */
    static final class MidEvent extends WithinStream {
        @Override
        void prepare(Scene scene) {
            byte[] body = (EVENT + EVENT).getBytes(StandardCharsets.UTF_8);
            scene.kimi.reply(Reply.raw(body).stallAfterBytes(body.length * 3L / 4));
        }
    }

    /** Some events have arrived whole. */
    static final class BetweenEvents extends WithinStream {
        @Override
        void prepare(Scene scene) {
            scene.kimi.reply(Reply.text("one two three four").stallAfterEvents(3));
        }
    }

    /** The service said: not now. A deadline cannot pass here, since a back-off that outlasts it is not begun. */
    static final class BackOff extends AtService {
        @Override
        boolean takes(Way way) {
            return !way.isDeadline();
        }

        @Override
        void prepare(Scene scene) {
            scene.kimi.reply(Reply.rateLimited(Duration.ofSeconds(20)));
        }

        @Override
        void await(Scene scene, Caller caller) {
            scene.call().backOff.join();
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

    /** The answer is whole, and the caller has seen nothing of it yet. */
    static final class AtEnd extends AtService {
        private final CompletableFuture<Void> mayCallBack = new CompletableFuture<>();

        @Override
        boolean takes(Way way) {
            // a thread that is blocked in a call is woken by the end itself, so that nothing comes in between
            return way != Way.INTERRUPT;
        }

        @Override
        void prepare(Scene scene) {
            scene.kimi.reply(Reply.text("one two three"));
            scene.builder.callbackExecutor(callback -> mayCallBack.thenRunAsync(callback));
        }

        @Override
        boolean mayReadBefore() {
            return false;
        }

        @Override
        void await(Scene scene, Caller caller) {
            scene.call().finished.join();
            Scene.eventually(
                    "the connection is free", () -> scene.client().pool().exchanges() == 0);
            if (caller.form() == Caller.Form.SUBSCRIBE) {
                caller.mayRead.complete(null);
                caller.subscribed.join();
            }
        }

        @Override
        void release(Scene scene) {
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
