package dev.kimi.samples.benchmark;

import dev.kimi.KimiClient;
import dev.kimi.chat.ChatEvent;
import dev.kimi.chat.ChatRequest;
import dev.kimi.chat.ChatStream;
import dev.kimi.samples.benchmark.internal.Pause;
import java.io.IOException;
import java.util.ArrayList;
import java.util.List;
import java.util.concurrent.CountDownLatch;
import java.util.concurrent.Flow;
import java.util.concurrent.TimeUnit;
import java.util.concurrent.atomic.AtomicLong;
import java.util.concurrent.atomic.LongAdder;

/** Many streams open at once, each with an event now and then. */
final class StreamScenario {

    private static final int MORE_THAN_ANYBODY_READS = 100_000;

    private final Options options;
    private final int threadsBefore;
    private final ChatRequest request = ChatRequest.of("Go on for ever about icebergs.");
    private final LongAdder events = new LongAdder();
    private final AtomicLong failed = new AtomicLong();
    private volatile boolean closing;

    StreamScenario(Options options, int threadsBefore) {
        this.options = options;
        this.threadsBefore = threadsBefore;
    }

    /**
     * What came of it.
     *
     * @param gapMillis pause between two events of a stream
     * @param offered events a second that the service sends when nobody holds it up
     * @param perSecond events a second that arrived
     * @param cpuMicros CPU time of the client for each event
     * @param allocated bytes that the client allocated for each event
     * @param threads threads of the process beyond those that it had before any client
     * @param heapPerStream bytes on the heap for each stream
     * @param failed streams that failed, 0 if all is well
     */
    record Result(
            int gapMillis,
            double offered,
            double perSecond,
            double cpuMicros,
            long allocated,
            int threads,
            long heapPerStream,
            long failed) {}

    Result measure(int count) throws IOException, InterruptedException {
        int gap = options.gapMillis(count);
        try (ServerProcess server = ServerProcess.start(gap, MORE_THAN_ANYBODY_READS);
                KimiClient kimi = Clients.everythingOn(server.baseUrl(), options.protocol(), count)) {
            // What the first call loads and builds is not the streams'.
            try (ChatStream first = kimi.stream(request)) {
                first.iterator().next();
            }
            long heapBefore = Meter.heap();
            List<ChatStream> streams = open(kimi, count);
            try {
                Pause.of(options.warmUp());
                Meter.Reading begin = Meter.read(events.sum());
                Pause.of(options.measured());
                Meter.Reading end = Meter.read(events.sum());
                int threads = Meter.threads() - threadsBefore;
                long heap = Meter.heap() - heapBefore;
                return new Result(
                        gap,
                        count * 1e3 / gap,
                        begin.perSecond(end),
                        begin.cpuMicrosEach(end),
                        begin.allocatedEach(end),
                        threads,
                        heap / count,
                        failed.get());
            } finally {
                closing = true;
                streams.forEach(ChatStream::close);
            }
        }
    }

    private List<ChatStream> open(KimiClient kimi, int count) throws InterruptedException {
        CountDownLatch begun = new CountDownLatch(count);
        List<ChatStream> streams = new ArrayList<>(count);
        for (int i = 0; i < count; i++) {
            ChatStream stream = kimi.stream(request);
            streams.add(stream);
            stream.subscribe(new Counter(begun));
        }
        if (!begun.await(3, TimeUnit.MINUTES)) {
            throw new IllegalStateException(begun.getCount() + " streams have not begun");
        }
        return streams;
    }

    private final class Counter implements Flow.Subscriber<ChatEvent> {

        private final CountDownLatch begun;
        private boolean counted;

        Counter(CountDownLatch begun) {
            this.begun = begun;
        }

        @Override
        public void onSubscribe(Flow.Subscription subscription) {
            subscription.request(Long.MAX_VALUE);
        }

        @Override
        public void onNext(ChatEvent event) {
            events.increment();
            begin();
        }

        @Override
        public void onError(Throwable failure) {
            if (!closing && failed.incrementAndGet() == 1) {
                System.err.println("The first failure: " + failure);
            }
            begin();
        }

        @Override
        public void onComplete() {
            begin();
        }

        private void begin() {
            if (!counted) {
                counted = true;
                begun.countDown();
            }
        }
    }
}
