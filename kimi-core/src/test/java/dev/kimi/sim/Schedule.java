package dev.kimi.sim;

import dev.kimi.internal.call.CallbackExecutors;
import dev.kimi.internal.call.Engine;
import dev.kimi.internal.call.EngineSettings;
import dev.kimi.internal.endpoint.Account;
import dev.kimi.internal.endpoint.BookingPolicy;
import dev.kimi.internal.endpoint.Endpoint;
import dev.kimi.internal.endpoint.EndpointSettings;
import dev.kimi.internal.endpoint.FailoverRouter;
import dev.kimi.internal.endpoint.ModelNames;
import dev.kimi.internal.endpoint.RetrySettings;
import dev.kimi.internal.leak.Leaks;
import dev.kimi.retry.RetryPolicy;
import dev.kimi.time.Timeouts;
import java.net.URI;
import java.time.Duration;
import java.util.List;
import java.util.concurrent.Executor;
import java.util.concurrent.RejectedExecutionException;
import java.util.function.UnaryOperator;
import org.jspecify.annotations.Nullable;

/** One schedule, which its seed determines: what is configured, who calls when, and what becomes of it. */
final class Schedule {

    private static final URI BASE = URI.create("https://kimi.test");
    /** The garbage collector keeps to no seed. */
    private static final Leaks UNTRACKED = new Leaks("default", false, false);

    private static final int MAX_STEPS = 200_000;
    /** One schedule of so many has enough calls for the ratio and the throttle to matter. */
    private static final int CROWDS = 100;

    private static final long HORIZON = Duration.ofHours(1).toNanos();

    private final World world;
    private final Chance chance;
    private final SimTransport transport;
    private final SimQuota quota;
    private final SimProtocol protocol = new SimProtocol();
    private final Limits limits;
    private final Engine engine;
    private final Executor executor;
    private int steps;

    private Schedule(long seed, boolean traced) {
        world = new World(traced);
        chance = new Chance(seed);
        boolean bugs = chance.oneIn(25);
        int faults = chance.oneIn(6) ? 95 : chance.between(0, 70);
        transport = new SimTransport(world, faults, bugs);
        quota = SimQuota.draw(world, chance.fork());
        SimCredentials credentials = new SimCredentials(world, chance.fork(), () -> limits().letThrough(world.now()));
        int maxAttempts = chance.between(1, 5);
        // a chance of its own, so that the schedules of old seeds stay what they were
        List<String> endpoints = new Chance(~seed).oneIn(6) ? List.of("default", "second") : List.of("default");
        limits = new Limits(
                endpoints, maxAttempts, !chance.oneIn(4), credentials.mayFail(), bugs || credentials.mayFail());
        executor = executor(chance.oneIn(20));
        engine = engine(credentials, policy(maxAttempts));
        boolean mayClose = chance.oneIn(6);
        world.engine(engine, mayClose);
        callers();
        if (mayClose && chance.oneIn(2)) {
            world.at(chance.nanos(1_000, 120_000_000_000L), world::close);
        }
    }

    private RetryPolicy policy(int maxAttempts) {
        return chance.oneIn(3)
                ? RetryPolicy.classic(maxAttempts, 1, Duration.ofMillis(chance.below(4_000)), Duration.ofSeconds(10))
                : RetryPolicy.standard(maxAttempts, Duration.ofSeconds(chance.oneIn(4) ? 5 : 60));
    }

    private Executor executor(boolean mayRefuse) {
        boolean direct = chance.oneIn(2);
        long refusesFrom = mayRefuse ? chance.nanos(1_000_000, 60_000_000_000L) : Long.MAX_VALUE;
        Chance delays = chance.fork();
        return task -> {
            if (world.now() >= refusesFrom) {
                throw new RejectedExecutionException("shut down");
            } else if (direct) {
                task.run();
            } else {
                Chance drawn = world.chanceWhileClosing(delays);
                world.at(drawn.oneIn(3) && !world.closing() ? 0 : drawn.millis(1, 500), task);
            }
        };
    }

    private Engine engine(SimCredentials credentials, RetryPolicy policy) {
        Timeouts timeouts = chance.oneIn(2)
                ? Timeouts.defaults()
                : Timeouts.builder()
                        .headers(Duration.ofNanos(chance.millis(1, 60_000)))
                        // shorter ones are looked at too often while a consumer takes his time
                        .firstEvent(Duration.ofNanos(chance.millis(50, 60_000)))
                        .idle(Duration.ofNanos(chance.millis(50, 60_000)))
                        .quiet(Duration.ofNanos(chance.millis(50, 120_000)))
                        .build();
        EngineSettings settings = new EngineSettings(
                "default",
                timeouts,
                List.of(event -> beginning().record()),
                new CallbackExecutors("default", executor, task -> world.at(0, task), UnaryOperator.identity()),
                world.time,
                world.timer);
        boolean ownsTimer = chance.oneIn(2);
        Chance random = chance.fork();
        boolean ownsTransport = chance.oneIn(2);
        Account account = new Account("default", quota, world.time, world.timer, random);
        world.account(account);
        RetrySettings retry = new RetrySettings(policy, limits.replayOnIdleClose, random);
        List<Endpoint> route = limits.endpoints.stream()
                .map(name -> new EndpointSettings(
                        name,
                        BASE,
                        protocol,
                        true,
                        ModelNames.asAsked("kimi-k3"),
                        "test/1",
                        BookingPolicy.CAP_BOOKED,
                        retry))
                .map(place -> new Endpoint(place, account, credentials, transport))
                .toList();
        Runnable close = () -> {
            if (ownsTransport) {
                transport.close();
            }
            if (ownsTimer) {
                world.timer.close();
            }
        };
        return new Engine(settings, new FailoverRouter(route), close, UNTRACKED);
    }

    private @Nullable SimCall beginning;

    private SimCall beginning() {
        if (beginning == null) {
            throw new IllegalStateException("nobody called");
        }
        return beginning;
    }

    private Limits limits() {
        return limits;
    }

    private void callers() {
        boolean crowd = chance.oneIn(CROWDS);
        int count = crowd ? chance.between(100, 400) : chance.oneIn(3) ? chance.between(1, 40) : chance.between(1, 10);
        long span = chance.oneIn(3) ? 1_000 : 60_000_000_000L;
        if (crowd && chance.oneIn(2)) {
            transport.outageUntil(chance.nanos(1_000_000_000L, 2 * span + 1_000_000_000L));
        }
        for (int i = 0; i < count; i++) {
            SimCall call = new SimCall(world, chance.fork(), i, limits);
            world.calls.add(call);
            world.at(chance.nanos(1, span), () -> {
                beginning = call;
                call.begin(engine, engine.callbackExecutor());
            });
        }
    }

    private void run() {
        world.at(HORIZON, () -> world.calls.forEach(SimCall::drain));
        while (world.complaint() == null && world.step()) {
            checkTheBalance();
            if (++steps > MAX_STEPS) {
                world.complain(-1, "it does not come to an end");
            }
        }
        if (world.complaint() == null) {
            world.calls.forEach(SimCall::checkTheEnd);
            world.check(transport.open() == 0, -1, "exchanges are left open");
            world.check(quota.outstanding() == 0, -1, "reservations are left");
        }
    }

    /** Between two events nobody holds what belongs to no live call. */
    private void checkTheBalance() {
        int live = engine.liveCalls();
        world.check(quota.outstanding() <= live, -1, "more reservations than calls");
        world.check(world.queuedCalls() <= live, -1, "more calls wait than live");
        if (live == 0 && transport.open() == 0) {
            world.check(world.timer.pending() == 0, -1, "timers of calls that have ended");
        }
    }

    /** Runs the schedule of that seed. */
    static Result of(long seed, boolean traced) {
        Schedule schedule = new Schedule(seed, traced);
        schedule.run();
        return new Result(
                schedule.world.complaint(), traced ? schedule.world.trace() : "", schedule.steps, schedule.world.calls);
    }

    /**
     * What became of a schedule.
     *
     * @param complaint what was promised and did not hold, or null
     * @param trace all its events, empty unless asked for
     * @param steps how many events it took
     * @param calls the calls in it
     */
    record Result(@Nullable String complaint, String trace, int steps, List<SimCall> calls) {}
}
