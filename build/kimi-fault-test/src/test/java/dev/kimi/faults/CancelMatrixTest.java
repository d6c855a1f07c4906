package dev.kimi.faults;

import static org.assertj.core.api.Assertions.assertThat;

import dev.kimi.Diagnostics;
import dev.kimi.error.CallCancelledException;
import dev.kimi.error.DeadlineExceededException;
import dev.kimi.error.RejectedException;
import dev.kimi.event.CallEvent;
import dev.kimi.test.KimiSimulator;
import java.io.IOException;
import java.util.Objects;
import java.util.concurrent.CancellationException;
import java.util.stream.Stream;
import org.jspecify.annotations.Nullable;
import org.junit.jupiter.api.Timeout;
import org.junit.jupiter.params.ParameterizedTest;
import org.junit.jupiter.params.provider.Arguments;
import org.junit.jupiter.params.provider.MethodSource;

/**
 * Every call can be cancelled at every point of its life in every way that applies: the socket is let go of, no further
 * attempt is made, everything that was held is back, whoever cancels is not kept waiting, and the caller gets the type
 * that says why.
 */
@Timeout(60)
class CancelMatrixTest {

    /** Makes a point for one wire. */
    @FunctionalInterface
    interface Maker {
        Point make(Wire wire) throws IOException;
    }

    private static final Maker[] POINTS = {
        wire -> new PointsBeforeSending.BeforeAdmission(),
        wire -> new PointsBeforeSending.QueuedForQuota(),
        wire -> new PointsBeforeSending.WaitingForToken(),
        wire -> new PointsBeforeSending.WaitingForConnection(),
        wire -> new PointsBeforeSending.Connecting(),
        wire -> PointSending.over(wire.transport),
        wire -> new PointsUnderWay.BeforeHeaders(),
        wire -> new PointsUnderWay.BeforeFirstEvent(),
        wire -> new PointsUnderWay.MidEvent(),
        wire -> new PointsUnderWay.BetweenEvents(),
        wire -> new PointsUnderWay.BackOff(),
        wire -> new PointsUnderWay.AtEnd(),
    };

    static Stream<Arguments> cases() throws IOException {
        Stream.Builder<Arguments> cases = Stream.builder();
        for (Maker maker : POINTS) {
            for (Wire wire : Wire.values()) {
                try (Point point = maker.make(wire)) {
                    Stream.of(Way.values())
                            .filter(point::takes)
                            .forEach(way -> cases.add(Arguments.of(point.toString(), way, wire, maker)));
                }
            }
        }
        return cases.build();
    }

    @ParameterizedTest(name = "{0}, {1}, {2}")
    @MethodSource("cases")
    void a_call_that_is_cancelled_leaves_nothing(String name, Way way, Wire wire, Maker maker) throws IOException {
        KimiSimulator service = KimiSimulator.builder().maxConcurrentStreams(1).start();
        try (CancelFixture fixture = new CancelFixture(wire, service);
                Point point = maker.make(wire)) {
            point.prepare(fixture);
            Caller caller = fixture.caller(way, point.promptSize());
            if (point.mayReadBefore()) {
                caller.mayRead.complete(null);
            }
            point.begins(caller);
            caller.start();
            point.await(fixture, caller);

            way.cancel(fixture, caller);

            caller.mayRead.complete(null);
            if (!point.holdsTheCall()) {
                fixture.call().finished.join();
            }
            point.release(fixture);
            checkOutcome(fixture.call().finished.join(), caller, point, way);
            if (point.breaksOff()) {
                assertThat(service.awaitAborted(1).join()).hasSize(1);
            }
            point.checkPeer(fixture, way);
            fixture.checkNothingIsLeft();
            if (way.isClientClose()) {
                checkClosed(fixture);
            }
            assertThat(service.requests()).hasSize(point.requests());
        }
    }

    private static void checkOutcome(CallEvent.Finished finished, Caller caller, Point point, Way way) {
        if (point.ended()) {
            assertThat(finished.outcome()).isEqualTo(CallEvent.Outcome.SUCCESS);
            if (way.isSilent()) {
                assertThat(caller.outcome).as("silence after a cancel").isNotDone();
            } else if (way == Way.FUTURE) {
                assertThat(failure(caller)).isInstanceOf(CancellationException.class);
            } else if (way == Way.INTERRUPT) {
                assertThat(failure(caller)).isInstanceOf(CallCancelledException.class);
                checkFlag(caller, way);
            } else {
                assertThat(failure(caller)).isNull();
                checkFlag(caller, way);
            }
            return;
        }
        switch (way) {
            case FUTURE -> {
                assertThat(failure(caller)).isInstanceOf(CancellationException.class);
                assertThat(finished.failure()).isInstanceOf(CallCancelledException.class);
            }
            case SUBSCRIPTION, DISPOSE_OF_MONO, DISPOSE_OF_FLUX -> {
                assertThat(finished.failure()).isInstanceOf(CallCancelledException.class);
                assertThat(caller.outcome).as("silence after a cancel").isNotDone();
            }
            case STREAM_CLOSE, INTERRUPT, INTERRUPT_OF_READER ->
                assertThat(failure(caller)).isInstanceOf(CallCancelledException.class);
            case DEADLINE, DEADLINE_OF_STREAM -> {
                assertThat(failure(caller)).isInstanceOf(DeadlineExceededException.class);
                assertThat(((DeadlineExceededException) Objects.requireNonNull(failure(caller))).phase())
                        .isEqualTo(point.phase(way.form.streamed()));
            }
            case CLIENT_CLOSE, CLIENT_CLOSE_UNDER_STREAM -> {
                assertThat(failure(caller)).isInstanceOf(RejectedException.class);
                assertThat(((RejectedException) Objects.requireNonNull(failure(caller))).reason())
                        .isEqualTo(RejectedException.Reason.CLOSED);
            }
        }
        assertThat(finished.outcome())
                .isEqualTo(way.isDeadline() ? CallEvent.Outcome.FAILURE : CallEvent.Outcome.CANCELLED);
        checkFlag(caller, way);
    }

    private static void checkFlag(Caller caller, Way way) {
        if (way.isInterrupt()) {
            assertThat(caller.outcome.join().interrupted()).as("the flag").isTrue();
        }
    }

    private static @Nullable Throwable failure(Caller caller) {
        return caller.outcome.join().failure();
    }

    private static void checkClosed(CancelFixture fixture) {
        CancelFixture.eventually(
                "no connection is left",
                () -> fixture.client().pool().idle() + fixture.client().pool().active() == 0);
        CancelFixture.eventually(
                "no thread is left", () -> fixture.threads().stream().noneMatch(Thread::isAlive));
        Diagnostics left = fixture.client().diagnostics();
        assertThat(left.calls().total() + left.openStreams() + left.lingering())
                .as("calls under way: %s", left)
                .isZero();
    }
}
