package dev.kimi.sim;

import dev.kimi.error.CallCancelledException;
import dev.kimi.error.DeadlineExceededException;
import dev.kimi.error.KimiException;
import dev.kimi.error.KimiException.LimitScope;
import dev.kimi.error.RejectedException;
import dev.kimi.error.TransportException;
import dev.kimi.event.CallEvent.Finished;
import dev.kimi.event.CallEvent.Outcome;
import dev.kimi.event.CallEvent.Rerouted;
import dev.kimi.event.CallEvent.Rerouted.Reason;
import dev.kimi.transport.TransportFailure.Kind;
import java.math.BigDecimal;
import java.util.ArrayList;
import java.util.HashSet;
import java.util.List;
import java.util.Map;
import java.util.Objects;
import java.util.Set;
import java.util.stream.IntStream;
import java.util.stream.Stream;
import org.jspecify.annotations.Nullable;

/**
 * The way of one call through the endpoints of its client: it is where the events say, for the reason that they say,
 * and where the circuits, as the world knows them, let it in.
 */
final class SimPath {

    private final World world;
    private final SimCall call;
    private final SimRoute route;
    private final Set<Integer> tried = new HashSet<>();
    private int place;
    /** How many endpoints it was at. */
    private int visit;

    private final List<String> facts = new ArrayList<>();
    private boolean begins;
    private boolean routed;
    private boolean keyReplaced;
    private boolean reported;
    /** Where it goes from an endpoint that has fallen silent, or -1. */
    private int wayOfSilence = -1;

    private SimCircuit.@Nullable Pass pass;
    /** Where it could have gone when it was about to end. */
    private @Nullable String wayOut;

    SimPath(World world, SimCall call) {
        this.world = world;
        this.call = call;
        this.route = call.client().route();
    }

    SimPlace here() {
        return route.places.get(place);
    }

    int visit() {
        return visit;
    }

    /** Whether it is where it began. */
    boolean stayed() {
        return visit == 0;
    }

    private void check(boolean holds, String otherwise) {
        world.check(holds, call.number(), otherwise);
    }

    private SimCircuit circuit(int at) {
        route.lookAt(at, modelAt(at));
        return route.circuit(at, modelAt(at));
    }

    private String modelAt(int at) {
        return route.places.get(at).models().of(call.asked());
    }

    /** Counts what it was about, so that nobody mistakes thousands of calm days for a test. */
    void count(Map<String, Integer> seen) {
        facts.forEach(fact -> seen.merge(fact, 1, Integer::sum));
        seen.merge("calls", 1, Integer::sum);
    }

    // --- where it goes -------------------------------------------------------------------------------------------

    void begins() {
        begins = true;
        world.begins(call);
    }

    /** It is there before anything was said: at another key of the first service, or where it belongs. */
    void stays(SimAccount account) {
        if (begins) {
            int home = route.home(call.conversation().session(), world.now());
            SimAccount there = route.places.get(Math.max(0, home)).account();
            boolean key = home > 0 && isKeyOfFirst(home);
            SimCircuit.Entry entry = key ? circuit(home).enter(world.now()) : SimCircuit.Entry.NO;
            boolean seen = there == account || call.hasQueuedAt(there);
            boolean isThere = route.exact() && entry != SimCircuit.Entry.MAYBE ? entry == SimCircuit.Entry.YES : seen;
            begun(key && isThere ? home : 0);
            facts.addAll(place > 0 ? List.of("began silently at another key") : List.of());
        }
    }

    private boolean isKeyOfFirst(int at) {
        return route.places.get(at).address().equals(route.places.get(0).address());
    }

    private void begun(int at) {
        begins = false;
        world.begins(null);
        if (route.exact()) {
            place = at;
            routed = true;
            pass = look(at, orderAtBegin(), true);
            facts.addAll(pass != null && pass.isProbe() ? List.of("probes") : List.of());
        }
        place = at;
        facts.addAll(call.isLate() ? List.of("came long after all was well") : List.of());
        check(!call.isLate() || isKeyOfFirst(at), "begins at " + here().name() + " long after all is well");
    }

    void rerouted(Rerouted event) {
        int to = route.named(event.to());
        check(event.from().equals(here().name()), "leaves " + event.from() + " and is at " + here().name());
        check(to >= 0 && to != place && !tried.contains(to), "goes to " + event.to() + " again");
        world.note(call.number(), "goes to", event.to() + ", " + event.reason() + ", " + event.failure());
        if (begins) {
            check(event.reason() == Reason.CIRCUIT_OPEN && event.delay().isZero(), "begins elsewhere: " + event);
            check(event.failure() == null, "begins elsewhere after " + event.failure());
            boolean silently = to == route.home(call.conversation().session(), world.now()) && isKeyOfFirst(to);
            check(!silently, "says that it stays with the key where it was");
            begun(to);
            facts.add("began elsewhere " + event.reason());
            return;
        }
        SimCircuit.Pass before = pass;
        KimiException failure = event.failure();
        if (!route.exact()) {
            pass = null;
        } else if (event.reason() == Reason.FAILURE) {
            check(failure != null && mayTravel(failure), "travels on after " + failure);
            check(event.delay().isZero(), "waits for a failure");
            pass = look(to, orderAfter(failure), false);
        } else {
            check(failure == null || mayTravel(failure), "travels on after " + failure);
            boolean open = circuit(place).isOpen();
            check((event.reason() == Reason.CIRCUIT_OPEN) == open, "goes for a wrong reason: " + event.reason());
            int way = wayOfSilence >= 0 ? wayOfSilence : outOfWait(event.delay().toNanos(), call.isWaiting(), failure);
            BigDecimal lost = call.conversation().lost(place, world.now());
            check(Objects.equals(event.lostCache(), lost), "loses " + event.lostCache() + ", and not " + lost);
            check(to == way, "does not wait for " + event.delay() + ", and goes to " + to + " instead of " + way);
            pass = circuit(to).entered(world.now());
        }
        facts.add("went " + event.reason());
        facts.addAll(wayOfSilence >= 0 ? List.of("left a silent service") : List.of());
        boolean forQuota = call.isWaiting() && event.reason() != Reason.FAILURE;
        facts.addAll(forQuota ? List.of("went " + event.reason() + " for quota") : List.of());
        facts.addAll(event.lostCache() != null ? List.of("lost a cache of known price") : List.of());
        leaves(before);
        tried.add(place);
        place = to;
        visit++;
        keyReplaced = false;
        wayOfSilence = -1;
    }

    /**
     * Looks for the first endpoint that lets the call in.
     *
     * @param seen where it went, or -1 if nowhere
     * @param order in which it looks
     * @return its pass there
     */
    private SimCircuit.@Nullable Pass look(int seen, List<Integer> order, boolean atBegin) {
        long now = world.now();
        for (int at : order) {
            SimCircuit circuit = circuit(at);
            SimCircuit.Entry entry = mayTry(at, atBegin) ? circuit.enter(now) : SimCircuit.Entry.NO;
            boolean sure = entry == SimCircuit.Entry.YES;
            if (entry == SimCircuit.Entry.NO) {
                continue;
            } else if (!route.places.get(at).takes(call.number())) {
                tried.add(at);
                if (sure) {
                    circuit.entered(now).left(now);
                } else {
                    circuit.blur(now);
                }
            } else if (at == seen) {
                boolean clear = sure || !isLastResort(at, order, atBegin);
                return clear ? circuit.entered(now) : perhaps(circuit);
            } else {
                check(!sure, "could go to " + route.places.get(at).name() + ", and goes to " + seen);
                circuit.notEntered(now);
            }
        }
        int lastResort = atBegin ? 0 : firstToTry(order);
        check(seen == lastResort, "goes to " + seen + ", and not to the last resort " + lastResort);
        facts.addAll(seen >= 0 && !atBegin ? List.of("went to the last resort") : List.of());
        return seen >= 0 ? circuit(seen).anyway() : null;
    }

    /** Whether the call is there with or without the circuit, since no other lets it in. */
    private boolean isLastResort(int at, List<Integer> order, boolean atBegin) {
        return at == (atBegin ? 0 : firstToTry(order)) && nowhereElse(at, atBegin);
    }

    /** The first that was not tried and can take the request, whatever its circuit says; -1 if there is none. */
    private int firstToTry(List<Integer> order) {
        for (int at : order) {
            if (mayTry(at, false)) {
                if (route.places.get(at).takes(call.number())) {
                    return at;
                }
                tried.add(at);
            }
        }
        return -1;
    }

    /** First where the conversation was, unless another service comes before that. */
    private List<Integer> orderAtBegin() {
        int home = route.home(call.conversation().session(), world.now());
        List<Integer> all = new ArrayList<>();
        for (int at = 0; at <= home; at++) {
            boolean other = !route.places
                    .get(at)
                    .address()
                    .equals(route.places.get(home).address());
            if (other || at == home) {
                all.add(at);
            }
        }
        order().stream().filter(at -> !all.contains(at)).forEach(all::add);
        return all;
    }

    /** Last to another key of a service that fails for all of them. */
    private List<Integer> orderAfter(@Nullable KimiException failure) {
        return Stream.concat(
                        order().stream().filter(at -> isWayOut(at, failure)),
                        order().stream().filter(at -> !isWayOut(at, failure)))
                .toList();
    }

    private boolean isWayOut(int at, @Nullable KimiException failure) {
        LimitScope scope = failure == null ? null : failure.limitScope();
        boolean forAllKeys = scope == LimitScope.ENDPOINT || scope == LimitScope.ENDPOINT_MODEL;
        return !forAllKeys || !route.places.get(at).address().equals(here().address());
    }

    private List<Integer> order() {
        return IntStream.range(0, route.places.size()).boxed().toList();
    }

    private boolean mayTry(int at, boolean atBegin) {
        return !tried.contains(at) && (atBegin || at != place);
    }

    private boolean nowhereElse(int but, boolean atBegin) {
        return order().stream()
                .noneMatch(at -> at != but
                        && mayTry(at, atBegin)
                        && circuit(at).enter(world.now()) == SimCircuit.Entry.YES
                        && route.places.get(at).takes(call.number()));
    }

    private SimCircuit.Pass perhaps(SimCircuit circuit) {
        SimCircuit.Pass let = circuit.anyway();
        order().forEach(at -> circuit(at).blur(world.now()));
        return let;
    }

    /** Where it must go instead of waiting, or -1 if it must wait. */
    private int outOfWait(long delayNanos, boolean forQuota, @Nullable KimiException failure) {
        long now = world.now();
        boolean open = circuit(place).isOpen();
        for (int at : order()) {
            boolean ready = mayTry(at, false)
                    && isWayOut(at, failure)
                    && circuit(at).isClosed(now)
                    && (open || delayNanos > call.conversation().patience(place, now));
            boolean atOnce = forQuota || !open;
            if (ready && !route.places.get(at).takes(call.number())) {
                if (!atOnce) {
                    tried.add(at);
                }
            } else if (ready && !(atOnce && isFull(at))) {
                return at;
            }
        }
        return -1;
    }

    private boolean isFull(int at) {
        SimAccount account = route.places.get(at).account();
        return account.limits.gates.mayHold(modelAt(at), world.now(), 1)
                || account.quota.hasRefused(call.number())
                || account.account().admission().waiting() > 0;
    }

    /** It waits where it is. */
    void waits(long delayNanos, @Nullable KimiException failure) {
        if (route.exact() && (failure == null || mayTravel(failure))) {
            int other = outOfWait(delayNanos, false, failure);
            check(other < 0, "waits for " + delayNanos + " ns, and could go to " + other);
        }
    }

    // --- what becomes of its attempts ------------------------------------------------------------------------------

    void attemptStarted() {
        reported = false;
        wayOfSilence = -1;
        SimCircuit.Pass let = pass;
        if (let != null && call.streamed()) {
            let.sent(world.now());
        }
    }

    /** The head of a response has come. */
    void headCame() {
        SimCircuit.Pass let = pass;
        if (let != null) {
            let.headCame(world.now());
        }
    }

    /** The exchange is ended by this side: for silence, if nobody has cancelled the call. */
    void aborts() {
        if (call.record().isOpen() && !call.isLeaving() && world.now() < call.deadlineNanos()) {
            if (route.exact() && pass != null && call.record().isBeforeHead()) {
                route.lookAt(place, modelAt(place));
                boolean silent = pass.isLeftBehind() || circuit(place).isOpen();
                check(silent, "leaves a service that is not silent");
                wayOfSilence = outOfWait(Long.MAX_VALUE, false, null);
            }
            report(new DeadlineExceededException(
                    "", KimiException.Details.NONE, DeadlineExceededException.Phase.HEADERS, null));
        }
    }

    private void report(KimiException failure) {
        SimCircuit.Pass let = pass;
        if (let != null && !reported && route.exact()) {
            boolean delivered = call.record().isCommitted() || call.deliveredAny();
            let.failed(failure, call.streamed(), delivered, world.now());
        }
        reported = true;
    }

    void firstEvent() {
        SimCircuit.Pass let = pass;
        if (let != null) {
            let.begun(world.now());
        }
        route.responded(place, call.conversation().session(), world.now());
    }

    void succeeded() {
        SimCircuit.Pass let = pass;
        if (let != null) {
            let.succeeded(call.streamed(), world.now());
        }
        route.responded(place, call.conversation().session(), world.now());
    }

    /** The attempt has failed, and others have heard of it. */
    void failed(KimiException failure) {
        SimCircuit.Pass let = pass;
        if (let != null) {
            let.waitsNoMore();
        }
        boolean replaced = FailureKinds.isRefusedKey(failure)
                && !keyReplaced
                && here().account().credentials.renewable();
        keyReplaced |= FailureKinds.isRefusedKey(failure);
        Kind kind = call.record().brokenBy();
        boolean free = kind == Kind.REFUSED || kind == Kind.STALE_CONNECTION;
        boolean ended = failure instanceof CallCancelledException || isOfDeadline(failure);
        if (!replaced && !free && !ended && !call.record().played("answer-rejected")) {
            report(failure);
        }
    }

    private boolean isOfDeadline(KimiException failure) {
        return failure instanceof DeadlineExceededException
                && call.record().brokenBy() == null
                && world.now() >= call.deadlineNanos();
    }

    /** Whether what a call ended with, or would, lets it go on elsewhere. */
    private boolean mayTravel(KimiException failure) {
        boolean garbled = call.record().played("answer-short")
                || call.record().played("malformed")
                || call.record().played("answer-rejected");
        boolean ofAttempt = call.record().failedLast();
        if (FailureKinds.isAboutTheRequest(failure)
                || failure instanceof CallCancelledException
                || failure instanceof RejectedException rejected
                        && (rejected.reason() == RejectedException.Reason.CLOSED
                                || rejected.reason() == RejectedException.Reason.SHUTTING_DOWN)
                || call.record().isCommitted()
                || call.deliveredAny()) {
            return false;
        }
        if (failure instanceof TransportException broken) {
            return broken.unprocessed();
        }
        return !(ofAttempt && garbled);
    }

    // --- the end ---------------------------------------------------------------------------------------------------

    private void leaves(SimCircuit.@Nullable Pass let) {
        if (let != null) {
            let.waitsNoMore();
            let.left(world.now());
        }
    }

    /** What was reserved in that visit is about to be settled. */
    void settles(int ofVisit) {
        if (ofVisit == visit) {
            ends();
        }
    }

    private void ends() {
        if (wayOut == null && route.exact() && routed) {
            wayOut = order().stream()
                    .filter(at -> mayTry(at, false))
                    .map(route.places::get)
                    .filter(other -> other.takes(call.number()))
                    .map(SimPlace::name)
                    .findFirst()
                    .orElse("");
        }
        leaves(pass);
    }

    void finished(Finished event) {
        ends();
        KimiException failure = event.failure();
        String other = wayOut == null ? "" : wayOut;
        if (event.outcome() == Outcome.FAILURE && failure != null && route.exact() && wasAsked(failure)) {
            check(other.isEmpty(), "fails although it has not tried " + other);
            look(-1, orderAfter(failure), false);
        }
    }

    /** Whether somebody must have asked for another endpoint before it failed by that. */
    private boolean wasAsked(KimiException failure) {
        if (world.now() >= call.deadlineNanos() || !mayTravel(failure) || !routed) {
            return false;
        }
        boolean late =
                failure instanceof DeadlineExceededException && call.record().brokenBy() == null;
        SimExchange exchange = call.exchange();
        return !late || call.streamed() && exchange != null && !exchange.answered();
    }
}
