package dev.kimi.tool;

import dev.kimi.KimiClient;
import dev.kimi.chat.ChatRequest;
import dev.kimi.error.CallCancelledException;
import dev.kimi.error.KimiException;
import dev.kimi.time.TimeSource;
import dev.kimi.time.Timer;
import dev.kimi.typed.TypedFormat;
import dev.kimi.typed.TypedResponse;
import java.time.Duration;
import java.util.Objects;
import java.util.Set;
import java.util.concurrent.CancellationException;
import java.util.concurrent.CompletableFuture;
import java.util.concurrent.ConcurrentHashMap;
import java.util.concurrent.ExecutionException;
import java.util.concurrent.Executor;
import java.util.function.Consumer;
import java.util.function.Function;
import java.util.function.UnaryOperator;
import org.jspecify.annotations.Nullable;

/**
 * Lets a model use tools: calls the service, runs the tools that the model calls, all of one response at once, gives it
 * their results, and again, until a response calls none. What fails in a tool goes to the model as an error result: an
 * unknown name, arguments that do not fit, an exception, a tool that takes too long. What fails in a call of the
 * service ends the loop with that exception. A response that was cut or declined ends it too, without running what that
 * calls.
 *
 * <pre>{@code
 * try (ToolLoop loop = ToolLoop.builder(kimi).tools(Tools.of(new Weather())).build()) {
 *     show(loop.run(ChatRequest.of("Do I need an umbrella in Paris?")).text());
 * }
 * }</pre>
 *
 * <p>The conversation grows by {@link ChatRequest#after}, so reasoning goes back to the service that wrote it. A tool
 * choice of the request holds for the first round. Thread-safe; make one and keep it. Close it: that cancels the runs
 * under way and ends its threads, which are daemons. The client stays open.
 */
public final class ToolLoop implements AutoCloseable {

    private final KimiClient client;
    private final LoopSettings settings;
    private final Consumer<? super ToolLoopEvent> observer;
    private final UnaryOperator<Executor> context;
    private final Runnable closeOwn;
    private final Set<CompletableFuture<?>> running = ConcurrentHashMap.newKeySet();
    private volatile boolean closed;

    private ToolLoop(Builder builder) {
        OwnThreads own = new OwnThreads(builder.executor, builder.timer);
        this.client = builder.client;
        this.observer = builder.observer;
        this.context = builder.context;
        this.closeOwn = own::close;
        this.settings = new LoopSettings(
                builder.tools,
                builder.maxRounds,
                builder.deadline == null ? client.timeouts().total() : builder.deadline,
                builder.toolTimeout,
                own.executor(),
                own.timer(),
                builder.time,
                builder.errorText);
    }

    public static Builder builder(KimiClient client) {
        return new Builder(client);
    }

    /**
     * Runs the loop, blocking until it has ended. An interrupt cancels it, keeps the interrupt flag and throws
     * {@link CallCancelledException}.
     *
     * @throws ToolLoopException if a limit of the loop stopped it
     * @throws KimiException what a call of the service failed with
     * @throws IllegalArgumentException if the request offers a tool that the loop cannot run
     * @throws IllegalStateException on a thread of an event loop, or if the loop is closed
     */
    public ToolLoopResult run(ChatRequest request) {
        KimiClient.checkMayBlock();
        CompletableFuture<ToolLoopResult> result = runAsync(request);
        try {
            return result.get();
        } catch (InterruptedException e) {
            result.cancel(true);
            Thread.currentThread().interrupt();
            throw new CallCancelledException(
                    "The tool loop was cancelled: its thread was interrupted.", KimiException.Details.NONE, e);
        } catch (CancellationException e) {
            throw new CallCancelledException("The tool loop was cancelled.", KimiException.Details.NONE, e);
        } catch (ExecutionException e) {
            if (e.getCause() instanceof RuntimeException failure) {
                throw failure;
            }
            throw new IllegalStateException("The tool loop ended with an unexpected failure", e.getCause());
        }
    }

    /**
     * Runs the loop for a value: the last response is to be one of that type. Where the rounds and the usage of all of
     * them are wanted too, run it with {@link TypedFormat#applyTo} and read its last response.
     *
     * @throws dev.kimi.typed.TypedResponseException if it is not
     * @throws IllegalArgumentException if the type has no strict schema; nothing is sent
     */
    public <T> TypedResponse<T> run(ChatRequest request, Class<T> type) {
        TypedFormat<T> format = TypedFormat.of(type);
        return format.read(run(format.applyTo(request)).response());
    }

    /**
     * Runs the loop for a value without blocking. The future fails with what {@link #run(ChatRequest, Class)} throws;
     * cancelling it cancels the call and interrupts the tools.
     *
     * @throws IllegalArgumentException if the type has no strict schema; nothing is sent
     */
    public <T> CompletableFuture<TypedResponse<T>> runAsync(ChatRequest request, Class<T> type) {
        TypedFormat<T> format = TypedFormat.of(type);
        return format.read(runAsync(format.applyTo(request)), ToolLoopResult::response);
    }

    /**
     * Runs the loop without blocking. The future fails with what {@link #run(ChatRequest)} throws; dependent stages run
     * on threads of the client and of tools. Cancelling it cancels the call and interrupts the tools.
     *
     * @throws IllegalArgumentException if the request offers a tool that the loop cannot run
     * @throws IllegalStateException if the loop is closed
     */
    public CompletableFuture<ToolLoopResult> runAsync(ChatRequest request) {
        Object one = new Object();
        LoopRun run =
                new LoopRun(settings.inContext(context), request, (round, next) -> client.chatAsync(next), event -> {
                    synchronized (one) {
                        observer.accept(event);
                    }
                });
        begin(run);
        return run.result();
    }

    /** The loop with the events of all its rounds; it begins when the stream is used. Close the stream. */
    public ToolLoopStream stream(ChatRequest request) {
        LoopStream stream = new LoopStream(client::stream, observer, this::begin);
        stream.run(new LoopRun(settings.inContext(context), request, stream::call, stream::emit));
        return stream;
    }

    private void begin(LoopRun run) {
        CompletableFuture<?> result = run.result();
        running.add(result);
        result.whenComplete((end, failure) -> running.remove(result));
        if (closed) {
            result.cancel(true);
            throw new IllegalStateException("The tool loop is closed: make another.");
        }
        run.start();
    }

    /** Cancels what is under way and ends the loop's own threads. Idempotent; does not wait. */
    @Override
    public void close() {
        closed = true;
        running.forEach(result -> result.completeExceptionally(new CallCancelledException(
                "The tool loop was cancelled: it was closed.", KimiException.Details.NONE, null)));
        closeOwn.run();
    }

    @Override
    public String toString() {
        return "ToolLoop[" + client.name() + ", " + settings.tools() + "]";
    }

    /** Collects settings. Not thread-safe. */
    public static final class Builder {

        private final KimiClient client;
        private Tools tools = Tools.builder().build();
        private int maxRounds = 20;
        private @Nullable Duration deadline;
        private Duration toolTimeout = Duration.ofSeconds(60);
        private @Nullable Executor executor;
        private UnaryOperator<Executor> context = UnaryOperator.identity();
        private @Nullable Timer timer;
        private TimeSource time = TimeSource.system();
        private Consumer<? super ToolLoopEvent> observer = event -> {};
        private Function<? super Throwable, String> errorText = Builder::errorText;

        private Builder(KimiClient client) {
            this.client = Objects.requireNonNull(client, "client");
        }

        /** What the model may call; by default nothing. */
        public Builder tools(Tools value) {
            this.tools = Objects.requireNonNull(value, "value");
            return this;
        }

        /**
         * How many calls of the service a run may make; 20 by default.
         *
         * @throws IllegalArgumentException if it is less than 1
         */
        public Builder maxRounds(int value) {
            if (value < 1) {
                throw new IllegalArgumentException("maxRounds must be at least 1, but is " + value);
            }
            this.maxRounds = value;
            return this;
        }

        /** How long a run may take, with all its calls and tools; by default the client's total timeout of one call. */
        public Builder deadline(Duration value) {
            this.deadline = positive(value, "deadline");
            return this;
        }

        /** How long a tool may take that has no timeout of its own, the wait for a thread included; 60 s by default. */
        public Builder toolTimeout(Duration value) {
            this.toolTimeout = positive(value, "toolTimeout");
            return this;
        }

        /**
         * Where tools run; by default up to 16 threads of the loop's own, with a queue. It stays the caller's to close.
         */
        public Builder executor(Executor value) {
            this.executor = Objects.requireNonNull(value, "value");
            return this;
        }

        /**
         * Carries thread locals to tools: called on the thread that starts a run or asks for its stream, with the
         * executor of tools; what it returns runs them. By default nothing is carried.
         */
        public Builder toolContext(UnaryOperator<Executor> value) {
            this.context = Objects.requireNonNull(value, "value");
            return this;
        }

        /** What deadlines run on, for tests; it stays the caller's to close. */
        public <T extends TimeSource & Timer> Builder time(T value) {
            this.time = value;
            this.timer = value;
            return this;
        }

        /**
         * Notified of the events of every run, one at a time per run, on threads of the client and of tools: it must
         * not block. What it throws ends the run.
         */
        public Builder observer(Consumer<? super ToolLoopEvent> value) {
            this.observer = Objects.requireNonNull(value, "value");
            return this;
        }

        /**
         * What the model gets when a tool throws. By default the message of an {@link IllegalArgumentException}, which
         * tells it what to do better, and nothing but the simple name of any other exception: messages of libraries
         * hold addresses, statements and keys.
         */
        public Builder errorText(Function<? super Throwable, String> value) {
            this.errorText = Objects.requireNonNull(value, "value");
            return this;
        }

        private static String errorText(Throwable failure) {
            return failure instanceof IllegalArgumentException && failure.getMessage() != null
                    ? failure.getMessage()
                    : "The tool failed (" + failure.getClass().getSimpleName() + ").";
        }

        private static Duration positive(Duration value, String name) {
            if (value.isZero() || value.isNegative()) {
                throw new IllegalArgumentException(name + " must be positive, but is " + value);
            }
            return value;
        }

        public ToolLoop build() {
            return new ToolLoop(this);
        }
    }

    /** In Spring, a bean that changes the settings of the loop that is made for the application. */
    @FunctionalInterface
    public interface Customizer {
        /** Called once, before the loop is made. */
        void customize(Builder builder);
    }
}
