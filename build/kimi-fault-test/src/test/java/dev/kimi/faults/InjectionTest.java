package dev.kimi.faults;

import static org.assertj.core.api.Assertions.assertThat;

import dev.kimi.KimiClient;
import dev.kimi.chat.ChatRequest;
import dev.kimi.service.ServiceRequest;
import java.io.IOException;
import java.io.PrintWriter;
import java.io.StringWriter;
import java.util.ArrayList;
import java.util.List;
import java.util.Locale;
import java.util.Random;
import java.util.function.Supplier;
import org.jspecify.annotations.Nullable;
import org.junit.jupiter.api.AfterAll;
import org.junit.jupiter.api.BeforeAll;
import org.junit.jupiter.api.Test;
import org.junit.jupiter.api.Timeout;

/**
 * A thousand generated tries to lead a request, or its key, to another host or into another request: by redirects, by
 * headers, by paths and by base URLs. Always the same ones.
 */
@Timeout(120)
class InjectionTest {

    private static final int CASES = 250;
    private static final String KEY = "sk-Canarybird4711";
    private static final String MARK = "Elsewhere4711";

    private static HeadRecorder service;
    private static HeadRecorder elsewhere;
    private static KimiClient kimi;

    @BeforeAll
    static void start() throws IOException {
        service = new HeadRecorder("127.0.0.1");
        elsewhere = new HeadRecorder("127.0.0.2");
        kimi = client("http://" + service.authority());
    }

    @AfterAll
    static void stop() throws IOException {
        kimi.close();
        service.close();
        elsewhere.close();
    }

    private static KimiClient client(String baseUrl) {
        return TransportUnderTest.HTTP1
                .client()
                .protocol("openai")
                .apiKey(KEY)
                .model("kimi-k3")
                .allowInsecure(true)
                .baseUrl(baseUrl)
                .build();
    }

    @Test
    void no_redirect_leads_anywhere() {
        Random random = new Random(1);
        for (int i = 0; i < CASES; i++) {
            String location = pick(
                    random,
                    "http://" + elsewhere.authority() + "/v1",
                    "//" + elsewhere.authority() + "/v1",
                    "http://" + service.authority() + "@" + elsewhere.authority() + "/",
                    "HTTP:\\\\" + elsewhere.authority() + "\\v1",
                    "/v1/" + MARK,
                    "http://" + service.authority() + "/v1/" + MARK);
            String carrier = pick(random, "location", "content-location", "refresh: 0; url", "link", "alt-svc", "uri");
            int status = Integer.parseInt(pick(random, "300", "301", "302", "303", "305", "307", "308"));
            service.reset("HTTP/1.1 " + status + " Moved\r\nlocation: " + location + "\r\n" + carrier + ": " + location
                    + "\r\nset-cookie: session=" + MARK + "\r\ncontent-length: 0\r\n\r\n");

            Throwable failure = failureOf(sending(random));

            String what = status + " to " + location + " by " + carrier;
            assertThat(failure).as(what).isNotNull();
            assertThat(service.heads()).as(what).hasSize(1);
            assertThat(printed(failure)).as(what).doesNotContain(MARK, KEY);
            assertNothingElsewhere(what);
        }
    }

    @Test
    void no_header_becomes_two_or_replaces_what_the_client_writes() {
        Random random = new Random(2);
        int sent = 0;
        for (int i = 0; i < CASES; i++) {
            String name = odd(
                    random,
                    pick(
                            random,
                            "x-trace",
                            "host",
                            "Authorization",
                            "content-length",
                            "Transfer-Encoding",
                            "x-api-key"));
            String value = odd(random, pick(random, "1", "chunked", "Bearer " + MARK, elsewhere.authority(), ""));
            service.reset();
            Throwable failure = failureOf(() -> kimi.exchange(
                    ServiceRequest.post("/v1/check", "{}".getBytes()).header(name, value)));

            String what = visible(name) + ": " + visible(value);
            if (failure != null) {
                assertThat(failure).as(what).isInstanceOf(IllegalArgumentException.class);
                assertThat(service.heads()).as(what).isEmpty();
                assertThat(printed(failure)).as(what).doesNotContain(MARK, KEY);
            } else {
                sent++;
                List<String> head = assertOneRequest(what, "POST /v1/check HTTP/1.1");
                assertThat(head)
                        .as(what)
                        .anySatisfy(line -> assertThat(line.toLowerCase(Locale.ROOT))
                                .startsWith(name.toLowerCase(Locale.ROOT) + ":"));
                assertThat(head)
                        .as(what)
                        .filteredOn(line -> line.contains(MARK))
                        .hasSizeLessThanOrEqualTo(1);
            }
            assertNothingElsewhere(what);
        }
        assertThat(sent).as("tries that are no tries").isBetween(CASES / 20, CASES - CASES / 20);
    }

    @Test
    void no_path_leaves_the_service_or_becomes_another_request() {
        Random random = new Random(3);
        int sent = 0;
        for (int i = 0; i < CASES; i++) {
            String path = odd(
                    random,
                    pick(
                            random,
                            "/v1/" + MARK,
                            "//" + elsewhere.authority() + "/v1",
                            "http://" + elsewhere.authority() + "/v1",
                            "/\\" + elsewhere.authority(),
                            "@" + elsewhere.authority() + "/v1",
                            "/v1/../../" + MARK,
                            "/v1/%2e%2e/%2e%2e/" + MARK,
                            "/v1?next=http://" + elsewhere.authority(),
                            "/v1#" + MARK,
                            "/v1 HTTP/1.1\r\nhost: " + elsewhere.authority() + "\r\n\r\nGET /" + MARK));
            service.reset();
            Throwable failure = failureOf(() -> kimi.exchange(ServiceRequest.get(path)));

            String what = visible(path);
            if (failure != null) {
                assertThat(failure).as(what).isInstanceOf(IllegalArgumentException.class);
                assertThat(service.heads()).as(what).isEmpty();
                assertThat(printed(failure)).as(what).doesNotContain(MARK, KEY);
            } else {
                sent++;
                assertOneRequest(what, "GET " + path + " HTTP/1.1");
                assertThat(path).as(what).matches("/([^/\\\\#].*)?").doesNotContain("/../", "%2e%2e", "#");
            }
            assertNothingElsewhere(what);
        }
        assertThat(sent).as("tries that are no tries").isBetween(CASES / 20, CASES - CASES / 20);
    }

    @Test
    void no_base_url_has_two_readings() {
        Random random = new Random(4);
        int sent = 0;
        for (int i = 0; i < CASES; i++) {
            String origin = "127.0.0.1:" + service.port();
            String url = odd(
                    random,
                    pick(
                            random,
                            "http://" + origin,
                            "HTTP://" + origin + "/",
                            "http://" + origin + "/proxy/v1",
                            "http://" + origin + "@" + elsewhere.authority(),
                            "http://" + origin + ":x@" + elsewhere.authority() + "/v1",
                            "http://" + origin + "\\@" + elsewhere.authority(),
                            "http://" + origin + "#@" + elsewhere.authority() + "/",
                            "http://" + origin + "?@" + elsewhere.authority() + "/",
                            "http://" + origin + "/" + MARK + "/../..//" + elsewhere.authority(),
                            "http://" + origin + "," + elsewhere.authority(),
                            "http:" + origin,
                            "//" + origin,
                            "http://127.0.0.1:" + (service.port() + 65_536),
                            "ftp://" + origin,
                            "http://user:" + MARK + "@" + origin));
            service.reset();
            Throwable failure = failureOf(() -> {
                try (KimiClient other = client(url)) {
                    return other.exchange(ServiceRequest.get("/v1/check"));
                }
            });

            String what = visible(url);
            assertNothingElsewhere(what);
            if (service.heads().isEmpty()) {
                assertThat(failure).as(what).isNotNull();
                assertThat(printed(failure)).as(what).doesNotContain(KEY, "user:" + MARK);
            } else {
                sent++;
                String request = service.heads().get(0).get(0);
                assertOneRequest(what, request);
                assertThat(request).as(what).matches("GET /\\S* HTTP/1\\.1").doesNotContain("@", "/../");
            }
        }
        assertThat(sent).as("tries that are no tries").isBetween(CASES / 20, CASES - CASES / 20);
    }

    /** One request, whose first line is this, with one host and one key: the service's. */
    private static List<String> assertOneRequest(String what, String requestLine) {
        assertThat(service.heads()).as(what).hasSize(1);
        List<String> head = service.heads().get(0);
        assertThat(head.get(0)).as(what).isEqualTo(requestLine);
        assertThat(valuesOf(head, "host")).as(what).containsExactly(service.authority());
        assertThat(valuesOf(head, "authorization")).as(what).containsExactly("Bearer " + KEY);
        assertThat(valuesOf(head, "transfer-encoding")).as(what).isEmpty();
        assertThat(valuesOf(head, "content-length")).as(what).hasSizeLessThanOrEqualTo(1);
        return head;
    }

    private static void assertNothingElsewhere(String what) {
        assertThat(elsewhere.connections()).as(what).isZero();
    }

    private static Supplier<Object> sending(Random random) {
        ChatRequest chat = ChatRequest.of("Hello");
        List<Supplier<Object>> ways = List.of(
                () -> kimi.chat(chat),
                () -> {
                    try (var stream = kimi.stream(chat)) {
                        stream.forEach(event -> {});
                        return stream.response();
                    }
                },
                () -> kimi.exchange(ServiceRequest.get("/v1/files")),
                () -> kimi.exchange(ServiceRequest.post("/v1/files", "{}".getBytes())),
                () -> kimi.models());
        return ways.get(random.nextInt(ways.size()));
    }

    private static @Nullable Throwable failureOf(Supplier<?> call) {
        try {
            call.get();
            return null;
        } catch (RuntimeException e) {
            return e;
        }
    }

    private static List<String> valuesOf(List<String> head, String name) {
        List<String> found = new ArrayList<>();
        for (String line : head) {
            if (line.toLowerCase(Locale.ROOT).startsWith(name + ":")) {
                found.add(line.substring(name.length() + 1).trim());
            }
        }
        return found;
    }

    /** As it is, or with something put in that a careless reader takes for the end of a line or of a name. */
    private static String odd(Random random, String text) {
        if (random.nextBoolean()) {
            return text;
        }
        String line = pick(random, "", "host: " + elsewhere.authority(), "x-more: " + MARK, "\r\nGET /" + MARK);
        String splitter = pick(
                random,
                "\r\n",
                "\n",
                "\r",
                "\0",
                "\t",
                " ",
                ":",
                "\u010a",
                "\u560d\u560a",
                "\u2028",
                "%0d%0a",
                "\u007f",
                "\u0085",
                "\ud800");
        int at = random.nextInt(text.length() + 1);
        return text.substring(0, at) + splitter + line + text.substring(at);
    }

    private static String pick(Random random, String... all) {
        return all[random.nextInt(all.length)];
    }

    private static String printed(Throwable failure) {
        StringWriter text = new StringWriter();
        failure.printStackTrace(new PrintWriter(text));
        return text.toString();
    }

    private static String visible(String text) {
        StringBuilder shown = new StringBuilder();
        text.chars()
                .forEach(c -> shown.append(c >= ' ' && c < 127 ? String.valueOf((char) c) : "\\u%04x".formatted(c)));
        return shown.toString();
    }
}
