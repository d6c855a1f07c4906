package dev.kimi.internal.call;

import dev.kimi.chat.ChatResponse.Note;
import dev.kimi.error.KimiException;
import dev.kimi.event.CallEvent.Rerouted;
import dev.kimi.internal.endpoint.Admission;
import dev.kimi.internal.endpoint.CallRequest;
import dev.kimi.internal.endpoint.EncodedRequest;
import dev.kimi.internal.endpoint.Endpoint;
import dev.kimi.internal.endpoint.Leg;
import dev.kimi.internal.endpoint.Pass;
import dev.kimi.internal.endpoint.Router;
import dev.kimi.internal.governor.LimitGate;
import dev.kimi.internal.util.DurationText;
import dev.kimi.quota.Reservation;
import dev.kimi.quota.Settlement;
import java.time.Duration;
import java.util.ArrayList;
import java.util.List;
import java.util.function.Consumer;
import java.util.function.Supplier;
import org.jspecify.annotations.Nullable;

/**
 * Where one call was and where it goes: asks the router, and passes over endpoints that cannot take the request. Used
 * in turns of the call only.
 */
final class Route implements Router.RoutedCall {

    private final Router router;
    private final CallRequest request;
    private final Supplier<Duration> remaining;
    private final boolean hasOthers;
    private Endpoint here;
    /** Those that the call has left, or that cannot take its request. */
    private List<Endpoint> tried = List.of();

    /** Those that would not admit the call at once, while one that does is looked for. */
    private List<Endpoint> full = List.of();

    private boolean begun;
    private List<Note> notes = List.of();

    /**
     * The way to the next endpoint.
     *
     * @param from the name of the endpoint that the call leaves or passes over
     * @param leg where it goes
     * @param encoded the request as that endpoint has encoded it
     * @param granted what was reserved for the call there, or null if it has to ask
     */
    record Stage(
            String from,
            Leg leg,
            EncodedRequest encoded,
            @Nullable Reservation granted) {}

    Route(Router router, CallRequest request, Endpoint first, Supplier<Duration> remaining) {
        this.router = router;
        this.request = request;
        this.here = first;
        this.remaining = remaining;
        this.hasOthers = router.hasOthers(request);
    }

    /** Whether the call may go to more than one endpoint. */
    boolean hasOthers() {
        return hasOthers;
    }

    @Override
    public CallRequest request() {
        return request;
    }

    @Override
    public Endpoint endpoint() {
        return here;
    }

    @Override
    public boolean hasTried(Endpoint endpoint) {
        return begun && endpoint == here || tried.contains(endpoint) || full.contains(endpoint);
    }

    @Override
    public Duration remaining() {
        return remaining.get();
    }

    /** What the response says of where the call went. */
    List<Note> notes() {
        return notes;
    }

    /**
     * Where the call begins, or null if at its first endpoint.
     *
     * @param stays given the pass of the first endpoint then
     */
    @Nullable Stage begin(Consumer<Pass> stays) {
        Leg leg = router.begin(this);
        while (leg.endpoint() != here) {
            Stage stage = stage(leg);
            if (stage != null) {
                begun = true;
                return go(stage, null);
            }
            leg = router.begin(this);
        }
        begun = true;
        stays.accept(leg.pass());
        return null;
    }

    /** Where the call goes on after a failure, or null if nowhere. */
    @Nullable Stage next(KimiException failure) {
        if (remaining().isZero()) {
            return null;
        }
        for (Leg leg = router.next(this, failure); leg != null; leg = router.next(this, failure)) {
            Stage stage = stage(leg);
            if (stage != null) {
                return leave(stage, failure);
            }
        }
        return null;
    }

    /**
     * Where the call goes on instead of waiting, or null if it waits: only an endpoint that takes it now, but where the
     * circuit here is open.
     */
    @Nullable Stage ratherThanWait(Duration wait, @Nullable KimiException failure) {
        return leaves(wait, failure, false);
    }

    /**
     * Where the call, which would have to wait so long for quota, is admitted at once; or null if it waits. Nobody
     * leaves one queue for another.
     */
    @Nullable Stage ratherThanQueue(Duration wait) {
        return leaves(wait, null, true);
    }

    private @Nullable Stage leaves(Duration wait, @Nullable KimiException failure, boolean queued) {
        try {
            for (Leg leg = router.ratherThanWait(this, wait, failure);
                    leg != null;
                    leg = router.ratherThanWait(this, wait, failure)) {
                Leg.Detour detour = leg.detour();
                boolean isDown = detour != null && detour.reason() == Rerouted.Reason.CIRCUIT_OPEN;
                Stage stage = isDown && !queued ? stage(leg) : stageNow(leg);
                if (stage != null) {
                    return leave(stage, failure);
                }
            }
            return null;
        } finally {
            full = List.of();
        }
    }

    /** Where the call is sent too, at once or not at all; or null. */
    @Nullable Stage hedge() {
        try {
            for (Leg leg = router.hedge(this); leg != null; leg = router.hedge(this)) {
                Stage stage = stageNow(leg);
                if (stage != null) {
                    hasNoWayTo(leg.endpoint());
                    return stage;
                }
            }
            return null;
        } finally {
            full = List.of();
        }
    }

    private boolean gatesAreOpen(Endpoint there) {
        for (LimitGate gate :
                there.account().governor().passage(there.limitTarget(request)).gates()) {
            if (!gate.isOpen()) {
                return false;
            }
        }
        return true;
    }

    /** It was the attempt there that delivered. */
    void isAt(Endpoint there) {
        here = there;
    }

    /** Null if the endpoint would let the call wait, or cannot take its request. */
    private @Nullable Stage stageNow(Leg leg) {
        Endpoint there = leg.endpoint();
        Admission admission = there.account().admission();
        Reservation granted = gatesAreOpen(there) ? admission.reserveNow(there.quotaRequest(request)) : null;
        if (granted == null) {
            leg.pass().left();
            full = with(full, there);
            return null;
        }
        Stage stage = null;
        try {
            stage = stage(leg, granted);
        } finally {
            if (stage == null) {
                admission.settle(granted, Settlement.notCounted());
            }
        }
        return stage;
    }

    /** Something of a good response was delivered. */
    void responded() {
        router.responded(this);
    }

    /** Null if the endpoint cannot take the request: then it is no other way for the call. */
    private @Nullable Stage stage(Leg leg) {
        return stage(leg, null);
    }

    private @Nullable Stage stage(Leg leg, @Nullable Reservation granted) {
        EncodedRequest encoded = null;
        try {
            encoded = leg.endpoint().encode(request);
        } catch (KimiException rejected) {
            // another endpoint may take it; whatever else is thrown ends the call
            return null;
        } finally {
            if (encoded == null) {
                leg.pass().left();
                hasNoWayTo(leg.endpoint());
            }
        }
        return new Stage(here.name(), leg, encoded, granted);
    }

    private Stage leave(Stage stage, @Nullable KimiException failure) {
        hasNoWayTo(here);
        return go(stage, failure);
    }

    private void hasNoWayTo(Endpoint endpoint) {
        tried = with(tried, endpoint);
    }

    private static List<Endpoint> with(List<Endpoint> some, Endpoint another) {
        List<Endpoint> all = new ArrayList<>(some);
        all.add(another);
        return all;
    }

    private Stage go(Stage stage, @Nullable KimiException failure) {
        here = stage.leg().endpoint();
        Leg.Detour detour = stage.leg().detour();
        if (detour != null) {
            List<Note> all = new ArrayList<>(notes);
            all.add(note(stage.from(), detour, failure));
            notes = all;
        }
        return stage;
    }

    private Note note(String from, Leg.Detour detour, @Nullable KimiException failure) {
        String to = "Sent to endpoint '" + here.name() + "' instead of '" + from + "': ";
        Leg.Price lost = detour.lostCache();
        String cache = lost == null
                ? ""
                : ", which costs about " + lost.rounded() + " " + lost.currency() + " for the lost prompt cache";
        String why = switch (detour.reason()) {
            case FAILURE -> "it failed there";
            case CIRCUIT_OPEN -> "the circuit of that endpoint is open";
            case WAIT -> "it would have waited " + DurationText.of(detour.delay()) + cache;
        };
        String kind =
                failure == null ? "" : " (" + failure.getClass().getSimpleName() + ", status " + failure.status() + ")";
        return new Note(Note.SENT_ELSEWHERE, to + why + kind + ".");
    }

    /** What observers hear of it, or null when there is nothing to say. */
    static @Nullable Rerouted event(Stage stage, @Nullable KimiException failure) {
        Leg.Detour detour = stage.leg().detour();
        if (detour == null) {
            return null;
        }
        Leg.Price lost = detour.lostCache();
        return new Rerouted(
                stage.from(),
                stage.leg().endpoint().name(),
                detour.reason(),
                detour.delay(),
                lost == null ? null : lost.amount(),
                lost == null ? null : lost.currency(),
                failure);
    }
}
