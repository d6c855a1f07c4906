package dev.kimi.internal.endpoint;

import dev.kimi.error.CallCancelledException;
import dev.kimi.error.ContentFilteredException;
import dev.kimi.error.InvalidRequestException;
import dev.kimi.error.KimiException;
import dev.kimi.error.KimiException.LimitScope;
import dev.kimi.error.RejectedException;
import dev.kimi.event.CallEvent.Rerouted.Reason;
import dev.kimi.time.TimeSource;
import java.net.URI;
import java.time.Duration;
import java.util.List;
import java.util.function.Predicate;
import java.util.random.RandomGenerator;
import org.jspecify.annotations.Nullable;

/**
 * Sends chat completions to the endpoints of a list: each call to the first one whose circuit lets it in, and from
 * there to those it has not tried. Of endpoints at the same address a conversation prefers the one where it was, and a
 * new one begins at that of the first service's keys that it belongs to. Other operations know only the first: what
 * they ask for is written for its service. Thread-safe.
 */
public final class FailoverRouter implements Router {

    private final List<Place> places;
    private final Affinity affinity;
    private final KeyPool keys;
    private final @Nullable Hedging hedging;

    /**
     * @param endpoints in the order in which they are tried; at least one
     * @param random chance for pauses; safe for many threads
     */
    public FailoverRouter(List<Endpoint> endpoints, TimeSource time, RandomGenerator random) {
        this(endpoints, 1, time, random, null);
    }

    /**
     * @param endpoints in the order in which they are tried; at least one
     * @param keys how many of them, from the first on, differ in their account only
     * @param random chance for pauses; safe for many threads
     * @param hedging when streams are sent to a second endpoint too, or null for never
     */
    public FailoverRouter(
            List<Endpoint> endpoints, int keys, TimeSource time, RandomGenerator random, @Nullable Hedging hedging) {
        if (endpoints.isEmpty()) {
            throw new IllegalArgumentException("a route needs an endpoint");
        }
        this.places = endpoints.stream()
                .map(endpoint -> new Place(endpoint, time, random))
                .toList();
        this.affinity = new Affinity(time);
        this.keys = new KeyPool(endpoints.subList(0, keys));
        this.hedging = hedging;
    }

    @Override
    public Endpoint first(CallRequest request) {
        String session = isRouted(request) ? request.sessionId() : null;
        if (session == null) {
            return places.get(0).endpoint();
        }
        Endpoint home = affinity.home(request);
        return home != null && keys.contains(home) ? home : keys.of(session);
    }

    @Override
    public boolean hasOthers(CallRequest request) {
        return isRouted(request);
    }

    @Override
    public Leg begin(RoutedCall call) {
        Endpoint here = call.endpoint();
        if (!isRouted(call.request())) {
            return Leg.stay(here, Pass.NONE);
        }
        Endpoint home = affinity.home(call.request());
        Leg leg = home == null ? null : enterAt(home, call);
        if (leg == null && here != places.get(0).endpoint()) {
            leg = leg(placeOf(here), call, null);
        }
        if (leg == null) {
            leg = enter(call, Leg.Detour.of(Reason.CIRCUIT_OPEN));
        }
        return leg != null
                ? leg
                : Leg.stay(here, placeOf(here).circuit(call.request()).enterAnyway());
    }

    /** Goes where the conversation was, if no endpoint at another address comes before it that lets calls in. */
    private @Nullable Leg enterAt(Endpoint home, RoutedCall call) {
        if (call.hasTried(home)) {
            return null;
        }
        for (Place place : places) {
            Endpoint endpoint = place.endpoint();
            if (endpoint == home) {
                boolean keyOfFirst = home.baseUri().equals(call.endpoint().baseUri());
                return leg(place, call, keyOfFirst ? null : Leg.Detour.of(Reason.CIRCUIT_OPEN));
            }
            if (!endpoint.baseUri().equals(home.baseUri())) {
                Leg before = call.hasTried(endpoint) ? null : leg(place, call, Leg.Detour.of(Reason.CIRCUIT_OPEN));
                if (before != null) {
                    return before;
                }
            }
        }
        return null;
    }

    /** Goes to the first that was not tried and lets the call in. */
    private @Nullable Leg enter(RoutedCall call, Leg.Detour detour) {
        return enter(call, detour, place -> true);
    }

    private @Nullable Leg enter(RoutedCall call, Leg.Detour detour, Predicate<Place> suits) {
        for (Place place : places) {
            boolean may = suits.test(place) && !call.hasTried(place.endpoint());
            Leg leg = may ? leg(place, call, detour) : null;
            if (leg != null) {
                return leg;
            }
        }
        return null;
    }

    private static @Nullable Leg leg(Place place, RoutedCall call, Leg.@Nullable Detour detour) {
        Pass pass = place.circuit(call.request()).enter();
        Endpoint endpoint = place.endpoint();
        return pass == null ? null : new Leg(endpoint, pass, endpoint == call.endpoint() ? null : detour);
    }

    @Override
    public @Nullable Leg next(RoutedCall call, KimiException lastFailure) {
        if (!isRouted(call.request()) || !mayDifferElsewhere(lastFailure)) {
            return null;
        }
        Leg.Detour detour = Leg.Detour.of(Reason.FAILURE);
        // another account of a service that fails for all of them is the last resort
        URI address = call.endpoint().baseUri();
        Predicate<Place> better = place ->
                !isOfAddress(lastFailure) || !place.endpoint().baseUri().equals(address);
        Leg leg = enter(call, detour, better);
        if (leg == null) {
            leg = enter(call, detour);
        }
        if (leg == null) {
            leg = enterAnyway(call, detour, better);
        }
        return leg != null ? leg : enterAnyway(call, detour, place -> true);
    }

    /** Goes to the first that was not tried, where the call can only win. */
    private @Nullable Leg enterAnyway(RoutedCall call, Leg.Detour detour, Predicate<Place> suits) {
        for (Place place : places) {
            Endpoint endpoint = place.endpoint();
            if (suits.test(place) && !call.hasTried(endpoint)) {
                return new Leg(endpoint, place.circuit(call.request()).enterAnyway(), detour);
            }
        }
        return null;
    }

    /** Whether it is no other for any account at the address, so that another key of the service is no way out. */
    private static boolean isOfAddress(@Nullable KimiException failure) {
        LimitScope scope = failure == null ? null : failure.limitScope();
        return scope == LimitScope.ENDPOINT || scope == LimitScope.ENDPOINT_MODEL;
    }

    @Override
    public @Nullable Leg ratherThanWait(RoutedCall call, Duration wait, @Nullable KimiException failure) {
        if (!isRouted(call.request()) || failure != null && !mayDifferElsewhere(failure)) {
            return null;
        }
        Endpoint here = call.endpoint();
        boolean open = placeOf(here).circuit(call.request()).isOpen();
        for (Place place : places) {
            Circuit circuit = place.circuit(call.request());
            boolean noBetter =
                    isOfAddress(failure) && place.endpoint().baseUri().equals(here.baseUri());
            if (noBetter || call.hasTried(place.endpoint()) || !circuit.isClosed()) {
                continue;
            }
            CacheLoss loss = CacheLoss.of(call, place.endpoint(), affinity.home(call.request()) == here);
            boolean leaves = open || wait.compareTo(loss.patience()) > 0;
            Pass pass = leaves ? circuit.enter() : null;
            if (pass != null) {
                Reason reason = open ? Reason.CIRCUIT_OPEN : Reason.WAIT;
                return new Leg(place.endpoint(), pass, new Leg.Detour(reason, wait, loss.price()));
            }
        }
        return null;
    }

    @Override
    public @Nullable Hedging hedging() {
        return hedging;
    }

    @Override
    public @Nullable Leg hedge(RoutedCall call) {
        for (Place place : places) {
            Circuit circuit = place.circuit(call.request());
            Pass pass = call.hasTried(place.endpoint()) || !circuit.isClosed() ? null : circuit.enter();
            if (pass != null) {
                return Leg.stay(place.endpoint(), pass);
            }
        }
        return null;
    }

    @Override
    public void responded(RoutedCall call) {
        if (isRouted(call.request())) {
            affinity.readAt(call.endpoint(), call.request());
        }
    }

    /** The circuits now, in the order of the endpoints; none where there is one endpoint. */
    public List<Circuit.Seen> circuits() {
        return places.size() == 1
                ? List.of()
                : places.stream().flatMap(Place::circuits).toList();
    }

    /** Lets calls go as if none had been made before. */
    public void reset() {
        places.forEach(Place::reset);
        affinity.reset();
        if (hedging != null) {
            hedging.reset();
        }
    }

    /** Whether it may go to more than one endpoint. */
    private boolean isRouted(CallRequest request) {
        return places.size() > 1 && request.isChat();
    }

    private Place placeOf(Endpoint endpoint) {
        for (Place place : places) {
            if (place.endpoint() == endpoint) {
                return place;
            }
        }
        throw new IllegalArgumentException("the endpoint is not of this route");
    }

    /** Whether the failure is about the endpoint and not about what is asked for, or about this client. */
    private static boolean mayDifferElsewhere(KimiException failure) {
        if (failure instanceof RejectedException rejected) {
            return rejected.reason() != RejectedException.Reason.CLOSED
                    && rejected.reason() != RejectedException.Reason.SHUTTING_DOWN;
        }
        return !(failure instanceof InvalidRequestException)
                && !(failure instanceof ContentFilteredException)
                && !(failure instanceof CallCancelledException);
    }
}
