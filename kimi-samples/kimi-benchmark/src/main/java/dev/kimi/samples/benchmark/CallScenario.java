package dev.kimi.samples.benchmark;

import dev.kimi.KimiClient;
import dev.kimi.chat.ChatRequest;
import dev.kimi.error.KimiException;
import dev.kimi.samples.benchmark.internal.Pause;
import java.io.IOException;
import java.lang.reflect.InvocationTargetException;
import java.util.ArrayList;
import java.util.List;
import java.util.concurrent.CountDownLatch;
import java.util.concurrent.ExecutorService;
import java.util.concurrent.Executors;
import java.util.concurrent.TimeUnit;
import java.util.concurrent.atomic.AtomicLong;
import java.util.concurrent.atomic.LongAdder;
import org.jspecify.annotations.Nullable;

/** Calls that are not streamed, always the same number in flight. */
final class CallScenario {

    private static final int RESPONSE_TOKENS = 24;

    private final Options options;
    private final ChatRequest request = ChatRequest.builder()
            .system("You answer in one sentence.")
            .user("Tell me about icebergs. ".repeat(38))
            .maxCompletionTokens(64)
            .build();
    private final LongAdder done = new LongAdder();
    private final AtomicLong failed = new AtomicLong();
    private volatile boolean stopping;

    CallScenario(Options options) {
        this.options = options;
    }

    /** How calls are made. */
    enum Form {
        ASYNC,
        PLATFORM_THREADS,
        VIRTUAL_THREADS;

        boolean available() {
            return this != VIRTUAL_THREADS || Runtime.version().feature() >= 21;
        }
    }

    /**
     * What came of it.
     *
     * @param perSecond calls a second
     * @param cpuMicros CPU time of the client for each
     * @param allocated bytes that the client allocated for each
     * @param failed calls that failed, 0 if all is well
     */
    record Result(double perSecond, double cpuMicros, long allocated, long failed) {}

    Result measure(Form form) throws IOException, InterruptedException {
        try (ServerProcess server = ServerProcess.start(0, RESPONSE_TOKENS);
                KimiClient kimi = Clients.everythingOn(server.baseUrl(), options.protocol(), options.inFlight())) {
            CountDownLatch ended = new CountDownLatch(options.inFlight());
            List<ExecutorService> executors = new ArrayList<>();
            if (form == Form.ASYNC) {
                for (int i = 0; i < options.inFlight(); i++) {
                    next(kimi, ended);
                }
            } else {
                ExecutorService executor = executor(form);
                executors.add(executor);
                for (int i = 0; i < options.inFlight(); i++) {
                    executor.execute(() -> block(kimi, ended));
                }
            }
            Pause.of(options.warmUp());
            Meter.Reading begin = Meter.read(done.sum());
            Pause.of(options.measured());
            Meter.Reading end = Meter.read(done.sum());
            stopping = true;
            if (!ended.await(1, TimeUnit.MINUTES)) {
                throw new IllegalStateException(ended.getCount() + " calls have not ended");
            }
            executors.forEach(ExecutorService::shutdown);
            return new Result(begin.perSecond(end), begin.cpuMicrosEach(end), begin.allocatedEach(end), failed.get());
        }
    }

    private void next(KimiClient kimi, CountDownLatch ended) {
        kimi.chatAsync(request).whenComplete((response, failure) -> {
            count(failure);
            // A chain ends with its first failure, or calls that fail at once would call each other without end.
            if (stopping || failure != null) {
                ended.countDown();
            } else {
                next(kimi, ended);
            }
        });
    }

    private void block(KimiClient kimi, CountDownLatch ended) {
        while (!stopping) {
            try {
                kimi.chat(request);
                count(null);
            } catch (KimiException e) {
                count(e);
            }
        }
        ended.countDown();
    }

    private void count(@Nullable Throwable failure) {
        if (failure == null) {
            done.increment();
        } else if (failed.incrementAndGet() == 1) {
            System.err.println("The first failure: " + failure);
        }
    }

    private ExecutorService executor(Form form) {
        if (form == Form.PLATFORM_THREADS) {
            return Executors.newFixedThreadPool(options.inFlight());
        }
        try {
            // By name, since this is compiled for JDK 17.
            return (ExecutorService)
                    Executors.class.getMethod("newVirtualThreadPerTaskExecutor").invoke(null);
        } catch (NoSuchMethodException | IllegalAccessException | InvocationTargetException e) {
            throw new IllegalStateException("this JDK has no virtual threads", e);
        }
    }
}
