package dev.kimi.internal.call;

import dev.kimi.auth.Credentials;
import dev.kimi.auth.CredentialsProvider;
import dev.kimi.chat.ChatRequest;
import dev.kimi.chat.ChatResponse;
import dev.kimi.chat.ChatStream;
import dev.kimi.error.KimiException;
import dev.kimi.event.CallObserver;
import dev.kimi.internal.endpoint.Account;
import dev.kimi.internal.endpoint.CallRequest;
import dev.kimi.internal.endpoint.Endpoint;
import dev.kimi.internal.endpoint.FailoverRouter;
import dev.kimi.internal.protocol.ErrorContext;
import dev.kimi.internal.util.DurationText;
import dev.kimi.quota.Quota;
import dev.kimi.service.ServiceRequest;
import dev.kimi.time.Timer;
import dev.kimi.transport.Transport;
import dev.kimi.transport.TransportFailure;
import java.net.URI;
import java.time.Duration;
import java.util.ArrayList;
import java.util.HashSet;
import java.util.List;
import java.util.Optional;
import java.util.Set;
import java.util.concurrent.CompletableFuture;
import java.util.concurrent.CompletionStage;
import java.util.concurrent.Executor;
import java.util.concurrent.ForkJoinPool;
import java.util.concurrent.TimeUnit;
import java.util.random.RandomGenerator;
import org.jspecify.annotations.Nullable;

/** Does for a client, before its first call, what that would have to wait for. Thread-safe. */
public final class Preparation {

    private static final System.Logger LOG = System.getLogger("dev.kimi.connections");

    /** Code that has run so often is compiled in part. */
    private static final int ROUNDS = 20;

    private final EngineSettings settings;
    private final List<Endpoint> route;
    private final RandomGenerator random;

    /** @param route where calls go */
    public Preparation(EngineSettings settings, List<Endpoint> route, RandomGenerator random) {
        this.settings = settings;
        this.route = List.copyOf(route);
        this.random = random;
    }

    /** A thing to do, and what went wrong with it once it is over; empty for nothing. */
    private record Step(String what, CompletableFuture<Optional<String>> problem) {

        /** What is to be said of it at the limit, or null. */
        @Nullable String report(Duration limit) {
            Optional<String> found =
                    problem.getNow(Optional.of("It did not come within " + DurationText.of(limit) + "."));
            return found.map(why -> what + ": " + why).orElse(null);
        }
    }

    /** Whether two endpoints send over one pool. */
    private record Place(Transport transport, String scheme, String authority) {

        static Place of(Endpoint endpoint) {
            URI uri = endpoint.baseUri();
            return new Place(endpoint.transport(), uri.getScheme(), uri.getAuthority());
        }
    }

    /**
     * Begins.
     *
     * @param callPath whether the code of a call is run too
     * @param limit the longest time until the future completes
     * @param executor where the future is completed
     * @return whether all was done in that time; does not fail
     */
    public CompletableFuture<Boolean> begin(boolean callPath, Duration limit, Executor executor) {
        List<Step> steps = new ArrayList<>();
        Set<Place> places = new HashSet<>();
        Set<CredentialsProvider> providers = new HashSet<>();
        Set<String> protocols = new HashSet<>();
        for (Endpoint endpoint : route) {
            if (places.add(Place.of(endpoint))) {
                CompletableFuture<Optional<String>> connected = connect(endpoint);
                steps.add(new Step("a connection to " + originOf(endpoint.baseUri()), connected));
                if (callPath) {
                    steps.add(new Step(
                            "a response of " + originOf(endpoint.baseUri()),
                            connected.thenCompose(problem -> exchange(endpoint, problem.isPresent(), limit))));
                }
            }
            if (providers.add(endpoint.credentials())) {
                steps.add(new Step("credentials of endpoint '" + endpoint.name() + "'", credentials(endpoint)));
            }
            if (callPath && CannedTransport.speaks(endpoint.protocol()) && protocols.add(endpoint.protocol())) {
                steps.add(new Step("the code of a call to endpoint '" + endpoint.name() + "'", callPath(endpoint)));
            }
        }
        CallFuture<Boolean> result = new CallFuture<>();
        Runnable end = () -> result.succeed(isComplete(steps, limit), executor);
        CompletableFuture<Void> all =
                CompletableFuture.allOf(steps.stream().map(Step::problem).toArray(CompletableFuture<?>[]::new));
        Timer.Timeout timeout = schedule(limit, () -> all.complete(null));
        all.thenRun(() -> {
            if (timeout != null) {
                timeout.cancel();
            }
            end.run();
        });
        return result;
    }

    private Timer.@Nullable Timeout schedule(Duration limit, Runnable task) {
        try {
            long nanos = limit.compareTo(Duration.ofDays(1)) > 0 ? TimeUnit.DAYS.toNanos(1) : limit.toNanos();
            return settings.timer().schedule(nanos, task);
        } catch (IllegalStateException closed) {
            task.run();
            return null;
        }
    }

    private boolean isComplete(List<Step> steps, Duration limit) {
        List<String> problems = new ArrayList<>();
        for (Step step : steps) {
            String problem = step.report(limit);
            if (problem != null) {
                problems.add(problem);
            }
        }
        if (!problems.isEmpty()) {
            LOG.log(
                    System.Logger.Level.WARNING,
                    "The warm-up of client '" + settings.name() + "' is incomplete, which is left to its first calls. "
                            + "Missing: " + String.join(" Missing: ", problems));
        }
        return problems.isEmpty();
    }

    private static String originOf(URI uri) {
        int port = uri.getPort();
        return uri.getScheme() + "://" + uri.getHost() + (port < 0 ? "" : ":" + port);
    }

    private ErrorContext context() {
        return new ErrorContext(0, Duration.ZERO, settings.time().now());
    }

    private CompletableFuture<Optional<String>> connect(Endpoint endpoint) {
        CompletionStage<Optional<TransportFailure>> connected;
        try {
            connected = endpoint.transport().connect(endpoint.baseUri());
        } catch (RuntimeException e) {
            connected = CompletableFuture.failedStage(e);
        }
        CompletableFuture<Optional<String>> problem = new CompletableFuture<>();
        connected.whenComplete((failed, thrown) -> problem.complete(
                thrown == null
                        ? failed.map(failure -> Failures.of(failure, context()).getMessage())
                        : Optional.of("The transport failed with " + nameOf(thrown) + ".")));
        return problem;
    }

    /**
     * A request that costs nothing, over the connection: whatever comes back, the code of the transport has run.
     *
     * @param unreachable whether there is no connection, which was reported
     */
    private CompletableFuture<Optional<String>> exchange(Endpoint endpoint, boolean unreachable, Duration limit) {
        if (unreachable || limit.isZero() || limit.isNegative()) {
            return CompletableFuture.completedFuture(Optional.empty());
        }
        Engine engine = unseen(endpoint.over(endpoint.transport(), nobody(), endpoint.credentials()));
        String models = endpoint.encode(new CallRequest.Models(null, limit)).path();
        return engine.exchange(ServiceRequest.get(models).deadline(limit).errorsAsResponses(true), Runnable::run)
                .handle((response, failure) -> {
                    engine.close();
                    return Optional.ofNullable(failure).map(Throwable::getMessage);
                });
    }

    private Account nobody() {
        return new Account("warm-up", Quota.unlimited(), settings.time(), settings.timer(), random);
    }

    private Engine unseen(Endpoint endpoint) {
        EngineSettings silent = new EngineSettings(
                settings.name(),
                settings.timeouts(),
                List.of(),
                settings.callbacks(),
                settings.time(),
                settings.timer());
        return Engine.unseen(silent, new FailoverRouter(List.of(endpoint), settings.time(), random));
    }

    private CompletableFuture<Optional<String>> credentials(Endpoint endpoint) {
        CompletableFuture<Optional<String>> problem = new CompletableFuture<>();
        new CallCredentials(endpoint.credentials())
                .ask()
                .whenComplete((given, thrown) -> problem.complete(Optional.ofNullable(thrown)
                        .map(failure ->
                                Failures.ofCredentials(failure, context()).getMessage())));
        return problem;
    }

    /** On a thread that nobody waits on: the caller's may be an event loop. */
    private CompletableFuture<Optional<String>> callPath(Endpoint endpoint) {
        CompletableFuture<Optional<String>> problem = new CompletableFuture<>();
        ForkJoinPool.commonPool().execute(() -> {
            try {
                run(endpoint);
                problem.complete(Optional.empty());
            } catch (KimiException e) {
                problem.complete(Optional.of(String.valueOf(e.getMessage())));
            } catch (RuntimeException | Error e) {
                problem.complete(Optional.of("It failed with " + nameOf(e) + "."));
            }
        });
        return problem;
    }

    private static String nameOf(Throwable failure) {
        return failure.getClass().getName();
    }

    /** What was sent gets its response on this very thread, so that nothing is waited for. */
    private void run(Endpoint endpoint) {
        CannedTransport canned = new CannedTransport(endpoint.protocol());
        CredentialsProvider none = CredentialsProvider.of(Credentials.bearer("warm-up"));
        ChatRequest request =
                ChatRequest.builder().system("You are terse.").user("Hello?").build();
        try (Engine engine = unseen(endpoint.over(canned, nobody(), none))) {
            for (int i = 0; i < ROUNDS; i++) {
                CompletableFuture<ChatResponse> whole = engine.chat(request, CallObserver.NONE, Runnable::run);
                canned.deliver();
                whole.join();
                try (ChatStream stream = engine.stream(request)) {
                    canned.deliver();
                    stream.forEach(event -> {});
                    stream.response();
                }
            }
        }
    }
}
