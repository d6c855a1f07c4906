package dev.kimi.samples.benchmark;

import dev.kimi.KimiClient;
import dev.kimi.Part;
import dev.kimi.chat.ChatEvent;
import dev.kimi.chat.ChatRequest;
import dev.kimi.chat.ChatStream;
import dev.kimi.test.KimiSimulator;
import dev.kimi.test.Reply;
import java.io.BufferedReader;
import java.io.IOException;
import java.io.InputStreamReader;
import java.nio.charset.StandardCharsets;
import java.nio.file.Path;
import java.util.Iterator;
import java.util.List;
import java.util.Locale;
import java.util.concurrent.ExecutionException;
import java.util.concurrent.TimeUnit;
import java.util.concurrent.TimeoutException;

/**
 * A client in a process of 64 MiB of heap takes one event of a response of 71 MiB and waits. The service, in this
 * process, sends the response as it is read, and reports how much of it was. Then the client reads on. It closes the
 * stream after 8 MiB: a stream keeps its response for {@code response()}, and 71 MiB would fit no such heap.
 */
public final class Backpressure {

    private static final long SIZE = 71L << 20;
    private static final long MAX_READ = 16L << 20;
    private static final long ENOUGH = 8L << 20;

    private Backpressure() {}

    public static void main(String[] args) throws Exception {
        if (args.length == 2) {
            consume(args[0], args[1]);
        } else {
            System.exit(report() ? 0 : 1);
        }
    }

    private static boolean report() throws IOException, InterruptedException, ExecutionException, TimeoutException {
        boolean well = true;
        System.out.println(
                "| HTTP | read while the consumer waits | heap of the client then | characters once it goes on |");
        System.out.println("| --- | --- | --- | --- |");
        for (String http : List.of("http1", "h2")) {
            try (KimiSimulator service = KimiSimulator.start()) {
                service.otherwise(Reply.flood(SIZE));
                well &= measure(service, http);
            }
        }
        return well;
    }

    private static boolean measure(KimiSimulator service, String http)
            throws IOException, InterruptedException, ExecutionException, TimeoutException {
        Process client = new ProcessBuilder(List.of(
                        Path.of(System.getProperty("java.home"), "bin", "java").toString(),
                        "-Xmx64m",
                        "-cp",
                        System.getProperty("java.class.path"),
                        Backpressure.class.getName(),
                        http,
                        service.baseUrl()))
                .redirectError(ProcessBuilder.Redirect.INHERIT)
                .start();
        try (BufferedReader said =
                new BufferedReader(new InputStreamReader(client.getInputStream(), StandardCharsets.UTF_8))) {
            long heap = number(said);
            service.awaitBlocked(1).get(1, TimeUnit.MINUTES);
            long pulled = service.bytesSent();
            client.getOutputStream().write('\n');
            client.getOutputStream().flush();
            long characters = number(said);
            System.out.println(String.format(
                    Locale.ROOT,
                    "| %s | %.2f MiB of %d | %.1f MiB of 64 | %,d |",
                    http,
                    pulled / 1048576.0,
                    SIZE >> 20,
                    heap / 1048576.0,
                    characters));
            return pulled < MAX_READ && characters >= ENOUGH;
        } finally {
            client.destroy();
        }
    }

    private static long number(BufferedReader said) throws IOException {
        String line = said.readLine();
        if (line == null) {
            throw new IOException("the client ended before its time");
        }
        return Long.parseLong(line);
    }

    private static void consume(String http, String baseUrl) throws IOException {
        try (KimiClient client = KimiClient.builder()
                        .baseUrl(baseUrl)
                        .apiKey("sk-benchmark")
                        .set(Part.TRANSPORT, "http", http)
                        .build();
                ChatStream stream = client.stream(ChatRequest.of("Tell me everything."))) {
            Iterator<ChatEvent> events = stream.iterator();
            long characters = length(events.next());
            System.out.println(Meter.heap());
            if (System.in.read() < 0) {
                throw new IOException("nobody waits for the rest");
            }
            while (characters < ENOUGH && events.hasNext()) {
                characters += length(events.next());
            }
            System.out.println(characters);
        }
    }

    private static long length(ChatEvent event) {
        return event instanceof ChatEvent.Text text ? text.value().length() : 0;
    }
}
