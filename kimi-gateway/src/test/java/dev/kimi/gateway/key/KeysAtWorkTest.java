package dev.kimi.gateway.key;

import static org.assertj.core.api.Assertions.assertThat;

import dev.kimi.gateway.GatewayFixture;
import dev.kimi.gateway.key.VirtualKey.Limits;
import dev.kimi.gateway.key.VirtualKey.Terms;
import dev.kimi.test.KimiSimulator;
import dev.kimi.test.Reply;
import java.io.IOException;
import java.math.BigDecimal;
import java.net.URI;
import java.net.http.HttpClient;
import java.net.http.HttpRequest;
import java.net.http.HttpResponse;
import java.nio.file.Files;
import java.nio.file.Path;
import java.time.Duration;
import java.util.List;
import java.util.Map;
import java.util.stream.Stream;
import org.junit.jupiter.api.AfterAll;
import org.junit.jupiter.api.BeforeAll;
import org.junit.jupiter.api.BeforeEach;
import org.junit.jupiter.api.Test;
import org.junit.jupiter.api.io.TempDir;
import org.springframework.context.ConfigurableApplicationContext;

/** A gateway with a file of keys, as clients see it. */
class KeysAtWorkTest {

    private static final String MESSAGES = """
            {"model":"claude-sonnet-5-5","max_tokens":100,"messages":[{"role":"user","content":"Hello"}]}""";
    private static final String COMPLETIONS = """
            {"model":"kimi-k3","max_tokens":100,"messages":[{"role":"user","content":"Hello"}]}""";

    @TempDir
    private static Path folder;

    private static final KimiSimulator KIMI = KimiSimulator.start();
    private static final KimiSimulator CLAUDE = KimiSimulator.start();
    private static final HttpClient HTTP =
            HttpClient.newBuilder().version(HttpClient.Version.HTTP_1_1).build();
    private static ConfigurableApplicationContext gateway;

    @BeforeAll
    static void start() {
        gateway = GatewayFixture.start(
                KIMI,
                CLAUDE,
                Map.of(
                        "kimi.gateway.keys.file",
                        folder.resolve("keys.json").toString(),
                        "kimi.gateway.keys.interval",
                        "100ms"));
    }

    @AfterAll
    static void stop() {
        gateway.close();
        KIMI.close();
        CLAUDE.close();
    }

    @BeforeEach
    void reset() {
        KIMI.reset();
        CLAUDE.reset();
        KIMI.otherwise(Reply.text("Hi."));
        CLAUDE.otherwise(Reply.text("Hi."));
    }

    private static String issue(List<String> models, Limits limits) {
        return String.valueOf(keys().issue(new Terms("build", models, limits, true, null, null))
                .toCompletableFuture()
                .join()
                .characters());
    }

    private static String idOf(String characters) {
        return gateway.getBean(Gatekeeper.class)
                .identify(List.of(characters.toCharArray()))
                .keyId();
    }

    private static VirtualKeys keys() {
        return gateway.getBean(VirtualKeys.class);
    }

    private static HttpResponse<String> post(String path, String body, String... headers) throws Exception {
        HttpRequest.Builder request = HttpRequest.newBuilder(
                        URI.create("http://127.0.0.1:" + GatewayFixture.portOf(gateway) + path))
                .timeout(Duration.ofSeconds(20))
                .header("content-type", "application/json")
                .POST(HttpRequest.BodyPublishers.ofString(body));
        if (headers.length > 0) {
            request.headers(headers);
        }
        return HTTP.send(request.build(), HttpResponse.BodyHandlers.ofString());
    }

    @Test
    void without_a_valid_key_nothing_goes_to_a_service() throws Exception {
        String valid = issue(List.of(), Limits.NONE);
        String other = issue(List.of(), Limits.NONE);

        HttpResponse<String> none = post("/v1/messages", MESSAGES);
        HttpResponse<String> wrong = post("/v1/messages", MESSAGES, "x-api-key", "sk-ant-wrong");
        HttpResponse<String> openai = post("/v1/chat/completions", COMPLETIONS, "authorization", "Bearer wrong");
        HttpResponse<String> two =
                post("/v1/messages", MESSAGES, "x-api-key", valid, "authorization", "Bearer " + other);

        assertThat(List.of(none, wrong, openai, two)).allMatch(response -> response.statusCode() == 401);
        assertThat(none.body()).contains("\"authentication_error\"", "No key came");
        assertThat(wrong.body()).contains("not valid at this gateway").doesNotContain("sk-ant-wrong");
        assertThat(openai.body()).startsWith("{\"error\":").doesNotContain("wrong");
        assertThat(two.body()).contains("not of one client").doesNotContain(valid, other);
        assertThat(KIMI.requests()).isEmpty();
        assertThat(CLAUDE.requests()).isEmpty();
    }

    @Test
    void a_key_works_in_either_header_and_goes_no_further() throws Exception {
        String key = issue(List.of(), Limits.NONE);

        assertThat(post("/v1/messages", MESSAGES, "x-api-key", key).statusCode())
                .isEqualTo(200);
        assertThat(post("/v1/messages", MESSAGES, "x-api-key", key, "authorization", "Bearer " + key)
                        .statusCode())
                .isEqualTo(200);
        assertThat(post("/v1/chat/completions", COMPLETIONS, "authorization", "bearer " + key)
                        .statusCode())
                .isEqualTo(200);
        assertThat(CLAUDE.requests()).hasSize(2);
        Stream.concat(CLAUDE.requests().stream(), KIMI.requests().stream())
                .flatMap(sent -> Stream.of(sent.header("x-api-key"), sent.header("authorization")))
                .forEach(header -> assertThat(header.orElse("")).doesNotContain(key));
        assertThat(Files.readString(folder.resolve("keys.json"))).doesNotContain(key);
    }

    @Test
    void a_limit_is_a_429_with_the_time_to_wait_in_the_words_of_the_client() throws Exception {
        String key = issue(List.of(), new Limits(1, 0, 0, 0, null, null));
        post("/v1/messages", MESSAGES, "x-api-key", key);

        HttpResponse<String> anthropic = post("/v1/messages", MESSAGES, "x-api-key", key);
        HttpResponse<String> openai = post("/v1/chat/completions", COMPLETIONS, "authorization", "Bearer " + key);

        assertThat(anthropic.statusCode()).isEqualTo(429);
        assertThat(anthropic.headers().firstValueAsLong("retry-after").orElse(0))
                .isBetween(1L, 60L);
        assertThat(anthropic.headers().firstValue("x-should-retry")).isEmpty();
        assertThat(anthropic.body()).contains("\"rate_limit_error\"", "1 requests a minute");
        assertThat(openai.statusCode()).isEqualTo(429);
        assertThat(openai.headers().firstValue("retry-after")).isPresent();
        assertThat(CLAUDE.requests()).hasSize(1);
        assertThat(KIMI.requests()).isEmpty();
    }

    @Test
    void a_budget_that_is_spent_is_final_and_says_when_it_resets() throws Exception {
        String key = issue(List.of(), new Limits(0, 0, 0, 0, new BigDecimal("0.000001"), null));
        post("/v1/messages", MESSAGES, "x-api-key", key);

        HttpResponse<String> spent = post("/v1/messages", MESSAGES, "x-api-key", key);

        assertThat(spent.statusCode()).isEqualTo(429);
        assertThat(spent.headers().firstValue("x-should-retry")).hasValue("false");
        assertThat(spent.headers().firstValue("retry-after")).isEmpty();
        assertThat(spent.body()).contains("0.000001 US dollars a day", "resets at");
        assertThat(CLAUDE.requests()).hasSize(1);
    }

    @Test
    void models_beside_the_patterns_are_forbidden() throws Exception {
        String key = issue(List.of("claude-*"), Limits.NONE);

        HttpResponse<String> forbidden = post("/v1/chat/completions", COMPLETIONS, "authorization", "Bearer " + key);

        assertThat(forbidden.statusCode()).isIn(403, 404);
        assertThat(forbidden.body()).contains("kimi-k3");
        assertThat(KIMI.requests()).isEmpty();
    }

    @Test
    void what_a_call_has_cost_is_booked_for_its_key() throws Exception {
        String characters = issue(List.of(), Limits.NONE);
        post("/v1/messages", MESSAGES, "x-api-key", characters);

        KeyUsage usage = keys().usage(idOf(characters));
        assertThat(usage.inFlight()).isZero();
        assertThat(usage.spentToday()).isPositive();
        assertThat(usage.reserved()).isEqualByComparingTo("0");
    }

    @Test
    void a_batch_whose_models_and_cost_nobody_sees_needs_a_key_without_such_limits() throws Exception {
        String withBudget = issue(List.of(), new Limits(0, 0, 0, 0, new BigDecimal("1000"), null));
        String withModels = issue(List.of("*"), Limits.NONE);

        for (String key : List.of(withBudget, withModels)) {
            HttpResponse<String> rejected = post("/v1/messages/batches", "{\"requests\":[]}", "x-api-key", key);
            assertThat(rejected.statusCode()).isEqualTo(403);
            assertThat(rejected.body()).contains("\"permission_error\"", "cost of a batch");
        }
        assertThat(CLAUDE.requests()).isEmpty();
        post("/v1/messages/batches", "{\"requests\":[]}", "x-api-key", issue(List.of(), Limits.NONE));
        assertThat(CLAUDE.requests()).hasSize(1);
    }

    @Test
    void a_stream_that_breaks_off_costs_what_has_come_and_not_the_whole_cap() throws Exception {
        String key = issue(List.of(), Limits.NONE);
        KIMI.reply(
                Reply.text("one two three four five six seven eight nine ten").cutAfterEvents(6));
        String body = COMPLETIONS.replace("\"max_tokens\":100", "\"max_tokens\":100000,\"stream\":true");

        post("/v1/chat/completions", body, "authorization", "Bearer " + key);

        BigDecimal spent = keys().usage(idOf(key)).spentToday();
        // By the fallback prices 100,000 tokens cost 5 dollars.
        assertThat(spent).isBetween(new BigDecimal("0.001"), new BigDecimal("0.5"));
        assertThat(keys().usage(idOf(key)).reserved()).isEqualByComparingTo("0");
    }

    @Test
    void a_file_that_somebody_edits_is_followed_without_a_restart() throws Exception {
        String key = issue(List.of(), Limits.NONE);
        Path file = folder.resolve("keys.json");
        String before = Files.readString(file);
        assertThat(post("/v1/messages", MESSAGES, "x-api-key", key).statusCode())
                .isEqualTo(200);

        write(file, "{\"keys\": []}");

        awaitStatus(key, 401);
        write(file, before);
        awaitStatus(key, 200);
    }

    private static void write(Path file, String content) throws IOException {
        Path next = Files.writeString(folder.resolve("edited.json"), content);
        Files.move(next, file, java.nio.file.StandardCopyOption.REPLACE_EXISTING);
    }

    /** The gateway reads the file ten times a second. */
    private static void awaitStatus(String key, int status) throws Exception {
        int last = 0;
        for (int i = 0; i < 2000 && last != status; i++) {
            last = post("/v1/messages", MESSAGES, "x-api-key", key).statusCode();
        }
        assertThat(last).isEqualTo(status);
    }
}
