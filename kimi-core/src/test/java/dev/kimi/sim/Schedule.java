package dev.kimi.sim;

import dev.kimi.internal.call.CallbackExecutors;
import dev.kimi.internal.call.Engine;
import dev.kimi.internal.call.EngineSettings;
import dev.kimi.internal.endpoint.Account;
import dev.kimi.internal.endpoint.AccountKey;
import dev.kimi.internal.endpoint.Accounts;
import dev.kimi.internal.endpoint.BookingPolicy;
import dev.kimi.internal.endpoint.Endpoint;
import dev.kimi.internal.endpoint.EndpointSettings;
import dev.kimi.internal.endpoint.FailoverRouter;
import dev.kimi.internal.endpoint.ModelNames;
import dev.kimi.internal.endpoint.QuotaSource;
import dev.kimi.internal.endpoint.RetrySettings;
import dev.kimi.internal.leak.Leaks;
import dev.kimi.internal.model.ModelCards;
import dev.kimi.quota.Quota;
import dev.kimi.retry.RetryPolicy;
import dev.kimi.service.ModelCard.Fact;
import dev.kimi.time.Timeouts;
import java.time.Duration;
import java.util.ArrayList;
import java.util.List;
import java.util.concurrent.Executor;
import java.util.concurrent.RejectedExecutionException;
import java.util.function.UnaryOperator;
import org.jspecify.annotations.Nullable;

/** One schedule, which its seed determines: what is configured, who calls when, and what becomes of it. */
final class Schedule {

    /** The garbage collector keeps to no seed. */
    private static final Leaks UNTRACKED = new Leaks("default", false, false);

    private static final int MAX_STEPS = 200_000;
    /** One schedule of so many has enough calls for the ratio and the throttle to matter. */
    private static final int CROWDS = 100;

    private static final long HORIZON = Duration.ofHours(1).toNanos();

    private final World world;
    private final Chance chance;
    /** A chance of its own, so that the calls of old seeds stay much as they were. */
    private final Chance extra;

    private final SimTransport transport;
    private final Accounts accounts = new Accounts();
    private final List<String> models;
    /** The route, or null in a schedule that is not about routes. */
    private final @Nullable RoutePlan plan;

    private final Timeouts timeouts;
    private final Executor executor;
    private final boolean bugs;
    private final Limits.Rules rules;
    private int accountsEnded;
    private int steps;

    private Schedule(long seed, boolean traced, boolean ofRoutes) {
        world = new World(traced);
        chance = new Chance(seed);
        extra = new Chance(~seed);
        plan = ofRoutes ? RoutePlan.draw(new Chance(Long.rotateLeft(seed, 17))) : null;
        bugs = chance.oneIn(25) && !ofRoutes;
        int drawn = chance.oneIn(6) ? 95 : chance.between(0, 70);
        int faults = plan == null ? drawn : plan.recovers() ? 0 : drawn / 2;
        transport = new SimTransport(world, faults, bugs);
        List<String> endpoints = extra.oneIn(6) ? List.of("default", "second") : List.of("default");
        // from a chance of its own too
        Chance spoken = new Chance(Long.reverse(seed));
        List<Dialect> dialects = endpoints.stream()
                .map(endpoint -> spoken.oneIn(3) ? Dialect.ANTHROPIC : Dialect.OPENAI)
                .toList();
        models = plan != null
                ? RoutePlan.MODELS
                : extra.oneIn(3) ? List.of("kimi-alpha", "kimi-beta") : List.of(SimProtocol.MODEL);
        int maxAttempts = chance.between(1, 5);
        boolean replayOnIdleClose = !chance.oneIn(4);
        executor = executor(chance.oneIn(20));
        boolean classic = chance.oneIn(3);
        Duration ceiling = Duration.ofSeconds(!classic && chance.oneIn(4) ? 5 : 60);
        rules = new Limits.Rules(maxAttempts, replayOnIdleClose, ceiling.toNanos());
        timeouts = plan != null && plan.recovers() ? Timeouts.defaults() : timeouts();
        RetryPolicy policy = classic
                ? RetryPolicy.classic(maxAttempts, 1, Duration.ofMillis(chance.below(4_000)), Duration.ofSeconds(10))
                : RetryPolicy.standard(maxAttempts, ceiling);
        clients(endpoints, dialects, new RetrySettings(policy, replayOnIdleClose, chance.fork()));
        if (plan != null && plan.recovers()) {
            callersAfter(plan.end());
        } else {
            callers();
        }
        SimClient first = world.clients.get(0);
        if (first.mayClose() && chance.oneIn(2)) {
            world.at(chance.nanos(1_000, 120_000_000_000L), () -> world.close(first));
        }
    }

    private Timeouts timeouts() {
        return chance.oneIn(2)
                ? Timeouts.defaults()
                : Timeouts.builder()
                        .headers(Duration.ofNanos(chance.millis(1, 60_000)))
                        // shorter ones are looked at too often while a consumer takes his time
                        .firstEvent(Duration.ofNanos(chance.millis(50, 60_000)))
                        .idle(Duration.ofNanos(chance.millis(50, 60_000)))
                        .quiet(Duration.ofNanos(chance.millis(50, 120_000)))
                        .build();
    }

    /** One client or two, which have the same keys, and so share their accounts. */
    private void clients(List<String> endpoints, List<Dialect> dialects, RetrySettings retry) {
        boolean two = extra.oneIn(6);
        boolean ownsTimer = chance.oneIn(2) && !two;
        boolean ownsTransport = chance.oneIn(2) && !two;
        List<RoutePlan.Stop> stops = plan == null ? stops(endpoints, dialects) : plan.stops();
        List<QuotaSource> quotas = new ArrayList<>();
        boolean calm = plan != null && (plan.recovers() || !chance.oneIn(8));
        for (String key : stops.stream().map(RoutePlan.Stop::key).distinct().toList()) {
            quotas.add(account(key, calm));
        }
        // in which order a closing client gives back what another waits for is not promised
        boolean unlimited = world.accounts.stream().allMatch(account -> account.quota.unlimited());
        boolean mayClose =
                chance.oneIn(plan == null ? 6 : 20) && (!two || unlimited) && (plan == null || !plan.recovers());
        for (int number = 0; number < (two ? 2 : 1); number++) {
            client("client " + number, stops, quotas, retry, new Owned(ownsTransport, ownsTimer, mayClose));
        }
    }

    private List<RoutePlan.Stop> stops(List<String> endpoints, List<Dialect> dialects) {
        boolean apart = endpoints.size() > 1 && extra.oneIn(2);
        boolean rejects = extra.oneIn(3);
        List<RoutePlan.Stop> stops = new ArrayList<>();
        for (int i = 0; i < endpoints.size(); i++) {
            String name = endpoints.get(i);
            String key = apart ? name : endpoints.get(0);
            stops.add(
                    new RoutePlan.Stop(name, RoutePlan.addressOf(name), key, dialects.get(i), i > 0 && rejects, null));
        }
        return stops;
    }

    private QuotaSource account(String key, boolean calm) {
        SimQuota quota = SimQuota.draw(world, chance.fork(), plan != null && plan.recovers() ? 1 : 3);
        Limits[] limits = new Limits[1];
        SimCredentials credentials =
                new SimCredentials(world, chance.fork(), key, calm, () -> limits[0].letThrough(world.now()));
        boolean mayBreak = bugs
                || plan != null && !calm
                || credentials.mayFail()
                || world.accounts.stream().anyMatch(other -> other.limits.bugs);
        limits[0] = new Limits(key, rules, credentials.mayFail(), mayBreak);
        Account made = new Account(key, Quota.unlimited(), world.time, world.timer, chance.fork());
        world.accounts.add(new SimAccount(world, made, limits[0], quota, credentials));
        return QuotaSource.of(quota);
    }

    /** What a client closes, and whether it is closed itself. */
    private record Owned(boolean transport, boolean timer, boolean mayClose) {}

    private void client(
            String name, List<RoutePlan.Stop> stops, List<QuotaSource> quotas, RetrySettings retry, Owned owned) {
        List<Accounts.Lease> leases = new ArrayList<>();
        for (int i = 0; i < world.accounts.size(); i++) {
            leases.add(lease(world.accounts.get(i), quotas.get(i), name));
        }
        List<Endpoint> route = new ArrayList<>();
        List<SimPlace> places = new ArrayList<>();
        for (RoutePlan.Stop stop : stops) {
            SimAccount account = world.accounts.stream()
                    .filter(one -> one.limits.key.equals(stop.key()))
                    .findFirst()
                    .orElseThrow();
            ModelNames names = new ModelNames(SimProtocol.MODEL, stop.names());
            EndpointSettings settings = new EndpointSettings(
                    stop.name(),
                    stop.address(),
                    new SimProtocol(stop.dialect(), stop.rejects(), plan != null),
                    true,
                    names,
                    cards(),
                    "test/1",
                    BookingPolicy.CAP_BOOKED,
                    retry);
            Account shared = leases.get(world.accounts.indexOf(account)).account();
            route.add(new Endpoint(settings, shared, account.credentials, transport));
            account.watch(
                    stop.address().toString(), models.stream().map(names::of).toList());
            places.add(new SimPlace(stop.name(), stop.address(), account, stop.dialect(), stop.rejects(), names));
        }
        FailoverRouter router = new FailoverRouter(route, world.time, extra.fork());
        Engine engine = engine(router, leases, owned);
        SimRoute known = new SimRoute(world, places, plan, router::circuits);
        world.clients.add(new SimClient(world, engine, known, timeouts, owned.mayClose()));
    }

    private ModelCards cards() {
        ModelCards.Settings cards = new ModelCards.Settings();
        if (plan != null && plan.price() > 0) {
            List<String> all = List.of(
                    SimProtocol.MODEL,
                    "second-large",
                    "second-small",
                    "third-large",
                    "third-small",
                    "kimi-alpha",
                    "kimi-beta");
            for (String model : all) {
                cards.fact(model, Fact.CURRENCY, "USD");
                cards.fact(model, Fact.PRICE_INPUT, String.valueOf(plan.price()));
                cards.fact(model, Fact.PRICE_OUTPUT, "1");
                cards.fact(model, Fact.PRICE_CACHE_READ, "0");
            }
        }
        return cards.cards();
    }

    private Accounts.Lease lease(SimAccount account, QuotaSource quota, String client) {
        AccountKey key =
                AccountKey.of(account.credentials, client, RoutePlan.addressOf(account.limits.key), world.timer);
        return accounts.open(key, client, quota, () -> new Accounts.Founding(account.account(), () -> accountsEnded++));
    }

    private Engine engine(FailoverRouter router, List<Accounts.Lease> leases, Owned owned) {
        EngineSettings settings = new EngineSettings(
                "default",
                timeouts,
                List.of(event -> beginning().record()),
                new CallbackExecutors("default", executor, task -> world.at(0, task), UnaryOperator.identity()),
                world.time,
                world.timer);
        Runnable close = () -> {
            leases.forEach(Accounts.Lease::close);
            if (owned.transport()) {
                transport.close();
            }
            if (owned.timer()) {
                world.timer.close();
            }
        };
        return new Engine(settings, router, close, UNTRACKED);
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

    private @Nullable SimCall beginning;

    private SimCall beginning() {
        if (beginning == null) {
            throw new IllegalStateException("nobody called");
        }
        return beginning;
    }

    private void callers() {
        boolean crowd = chance.oneIn(CROWDS);
        int count = crowd ? chance.between(100, 400) : chance.oneIn(3) ? chance.between(1, 40) : chance.between(1, 10);
        long span = chance.oneIn(3) ? 1_000 : 60_000_000_000L;
        if (crowd && chance.oneIn(2)) {
            transport.outageUntil(chance.nanos(1_000_000_000L, 2 * span + 1_000_000_000L));
        }
        for (int i = 0; i < count; i++) {
            caller(chance.nanos(1, span));
        }
    }

    private SimCall caller(long afterNanos) {
        SimClient client = world.clients.get(extra.below(world.clients.size()));
        String model = models.get(extra.below(models.size()));
        SimCall call = new SimCall(world, chance.fork(), world.calls.size(), client, model);
        world.calls.add(call);
        world.at(afterNanos, () -> {
            beginning = call;
            call.begin(client.engine.callbackExecutor());
        });
        return call;
    }

    /** Many come during the outages, few after them, and in the end some that must find all as it was. */
    private void callersAfter(long end) {
        long second = 1_000_000_000L;
        for (long at = 1 + chance.below(1_000); at < end; at += chance.millis(20, 1_000)) {
            caller(at);
        }
        // a circuit may stay open for a minute, and the throttle remembers for two
        for (long at = end; at < end + 126 * second; at += second) {
            caller(at);
        }
        for (int i = 0; i < 12; i++) {
            caller(end + 126 * second + (i + 1) * second / 4).comesLate();
        }
    }

    private void run() {
        world.at(HORIZON, () -> world.calls.forEach(SimCall::drain));
        while (world.complaint() == null && world.step()) {
            checkTheBalance();
            world.clients.forEach(client -> client.route().look());
            if (++steps > MAX_STEPS) {
                world.complain(-1, "it does not come to an end");
            }
        }
        if (world.complaint() == null) {
            world.calls.forEach(SimCall::checkTheEnd);
            world.check(transport.open() == 0, -1, "exchanges are left open");
            world.clients.forEach(SimClient::checkTheEnd);
            world.accounts.forEach(SimAccount::checkTheEnd);
        }
    }

    /** Between two events nobody holds what belongs to no live call. */
    private void checkTheBalance() {
        int live = world.liveCalls();
        for (SimAccount account : world.accounts) {
            account.check(live);
        }
        boolean ended = accountsEnded > 0;
        if (ended != world.allClosed()) {
            world.complain(-1, ended ? "accounts end before the last client" : "accounts live on");
        }
        if (live == 0 && transport.open() == 0) {
            world.check(world.timer.pending() == 0, -1, "timers of calls that have ended");
        }
    }

    /** Runs the schedule of that seed. */
    static Result of(long seed, boolean traced) {
        return resultOf(new Schedule(seed, traced, false), traced);
    }

    /** Runs the schedule of that seed that is about routes. */
    static Result ofRoutes(long seed, boolean traced) {
        return resultOf(new Schedule(seed, traced, true), traced);
    }

    private static Result resultOf(Schedule schedule, boolean traced) {
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
