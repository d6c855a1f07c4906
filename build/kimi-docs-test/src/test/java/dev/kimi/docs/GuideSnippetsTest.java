package dev.kimi.docs;

import static org.assertj.core.api.Assertions.assertThat;
import static org.assertj.core.api.Assertions.assertThatThrownBy;
import static org.assertj.core.api.Assertions.catchThrowableOfType;

import dev.kimi.Diagnostics;
import dev.kimi.KimiClient;
import dev.kimi.KimiClient.WarmUp;
import dev.kimi.KimiClientBuilder;
import dev.kimi.KimiClientBuilder.LeakDetection;
import dev.kimi.Part;
import dev.kimi.chat.ChatEvent;
import dev.kimi.chat.ChatRequest;
import dev.kimi.chat.ChatResponse;
import dev.kimi.chat.ChatStream;
import dev.kimi.chat.ContentPart;
import dev.kimi.chat.FinishReason;
import dev.kimi.chat.Message;
import dev.kimi.chat.Provenance;
import dev.kimi.chat.ResponseFormat;
import dev.kimi.chat.Tool;
import dev.kimi.chat.ToolCall;
import dev.kimi.error.InvalidRequestException;
import dev.kimi.error.KimiException;
import dev.kimi.error.QuotaExceededException;
import dev.kimi.error.RateLimitException;
import dev.kimi.error.TransportException;
import dev.kimi.error.TruncatedStreamException;
import dev.kimi.relay.RelayForm;
import dev.kimi.relay.RelayRequest;
import dev.kimi.relay.RelayResponse;
import dev.kimi.retry.RetryDecision;
import dev.kimi.retry.RetryPolicy;
import dev.kimi.service.ModelCard;
import dev.kimi.service.ModelPrices;
import dev.kimi.service.ServiceRequest;
import dev.kimi.service.ServiceResponse;
import dev.kimi.service.ServiceStream;
import dev.kimi.test.FakeKimiClient;
import dev.kimi.test.KimiSimulator;
import dev.kimi.test.Reply;
import dev.kimi.time.Timeouts;
import dev.kimi.transport.RequestBody;
import java.io.IOException;
import java.math.BigDecimal;
import java.nio.file.Files;
import java.nio.file.Path;
import java.time.Duration;
import java.time.Instant;
import java.util.ArrayList;
import java.util.List;
import java.util.Map;
import java.util.concurrent.CompletableFuture;
import java.util.concurrent.CountDownLatch;
import java.util.concurrent.Flow;
import java.util.concurrent.TimeUnit;
import org.jspecify.annotations.Nullable;
import org.junit.jupiter.api.AfterEach;
import org.junit.jupiter.api.BeforeEach;
import org.junit.jupiter.api.Test;
import org.junit.jupiter.api.Timeout;
import org.junit.jupiter.api.io.TempDir;

/** The code of docs/guide.md, run. What stands between the marks stands in the guide, word for word. */
@Timeout(60)
class GuideSnippetsTest {

    @TempDir
    Path folder;

    private final KimiSimulator service = KimiSimulator.start();
    private final List<String> shown = new ArrayList<>();
    private KimiClient kimi;

    @BeforeEach
    void start() {
        kimi = client().build();
    }

    @AfterEach
    void stop() {
        kimi.close();
        service.close();
    }

    private KimiClientBuilder client() {
        return KimiClient.builder().baseUrl(service.baseUrl()).apiKey("sk-test");
    }

    @Test
    void client_is_made() {
        String key = "sk-test";
        // snippet:client
        try (KimiClient kimi = KimiClient.builder().apiKey(key).model("kimi-k3").build()) {
            show(kimi.name());
        }
        // end
        assertThat(shown).containsExactly("default");
    }

    @Test
    void a_client_with_tokens_is_made() {
        String secret = "not a secret";
        // snippet:oauth2
        KimiClient kimi = KimiClient.builder()
                .provider(Part.AUTH, "oauth2")
                .set(Part.AUTH, "token-uri", "https://login.example.org/oauth/token")
                .set(Part.AUTH, "client-id", "my-application")
                .set(Part.AUTH, "client-secret", secret)
                .build();
        // end
        kimi.close();
        assertThat(kimi.name()).isEqualTo("default");
    }

    @Test
    void a_client_for_claude_is_made() {
        String key = "sk-ant-test";
        // snippet:claude
        try (KimiClient claude = KimiClient.builder()
                .protocol("anthropic")
                .apiKey(key)
                .model("claude-sonnet-5-5")
                .build()) {
            show(claude.baseUrl().toString());
        }
        // end
        assertThat(shown).containsExactly("https://api.anthropic.com");
    }

    @Test
    void chat() {
        service.reply(Reply.reasoning("Light scatters.").thenText("Rayleigh scattering."));
        // snippet:chat
        ChatResponse response = kimi.chat("Why is the sky blue?");

        show(response.text());
        show(response.reasoning());
        show(response.usage().totalTokens() + " tokens");
        // end
        assertThat(shown).startsWith("Rayleigh scattering.", "Light scatters.");
    }

    @Test
    void request() {
        // snippet:request
        ChatRequest request = ChatRequest.builder()
                .system("You are terse.")
                .user("Compare TCP and QUIC in five lines.")
                .maxCompletionTokens(1024)
                .deadline(Duration.ofSeconds(90))
                .sessionId("session-42")
                .build();

        ChatResponse response = kimi.chat(request);
        // end
        assertThat(response.finishReason()).isIn(FinishReason.STOP, FinishReason.LENGTH);
        assertThat(service.requests().get(0).body()).containsEntry("prompt_cache_key", "session-42");
    }

    @Test
    void conversation() {
        // snippet:conversation
        ChatRequest first = ChatRequest.of("Name a prime above 100.");
        ChatResponse response = kimi.chat(first);

        ChatRequest second = first.after(response).user("And the next one?").build();
        show(kimi.chat(second).text());
        // end
        assertThat(second.messages())
                .extracting(Message::role)
                .containsExactly(Message.Role.USER, Message.Role.ASSISTANT, Message.Role.USER);
    }

    @Test
    void image() {
        byte[] png = {(byte) 0x89, 'P', 'N', 'G'};
        // snippet:image
        ChatRequest request = ChatRequest.builder()
                .message(Message.user(
                        List.of(ContentPart.text("What is in this picture?"), ContentPart.image("image/png", png))))
                .build();
        // end
        assertThat(kimi.chat(request).text()).isNotEmpty();
    }

    @Test
    void structured() {
        service.reply(Reply.text("{\"city\":\"Paris\"}"));
        // snippet:structured
        ChatRequest request = ChatRequest.builder()
                .user("Which city hosted the Olympics in 1924? Answer in JSON.")
                .responseFormat(ResponseFormat.jsonSchema("answer", """
                        {"type": "object", "properties": {"city": {"type": "string"}}, "required": ["city"]}"""))
                .build();

        String json = kimi.chat(request).text();
        // end
        assertThat(json).isEqualTo("{\"city\":\"Paris\"}");
    }

    @Test
    void thinking() {
        // snippet:thinking
        ChatRequest careful = ChatRequest.builder()
                .user("Prove that there are infinitely many primes.")
                .reasoningEffort("high")
                .build();
        ChatRequest quick =
                ChatRequest.builder().user("Say hello.").thinking(false).build();

        show(kimi.chat(careful).reasoning());
        show(kimi.chat(quick).text());
        // end
        assertThat(shown).hasSize(2).doesNotContain("");
        assertThat(service.requests().get(0).bodyText()).contains("\"reasoning_effort\":\"high\"");
        assertThat(service.requests().get(1).bodyText()).contains("\"thinking\":{\"type\":\"disabled\"}");
        assertThat(kimi.chat(quick).reasoning()).isEmpty();
    }

    @Test
    void models_that_always_think_cannot_be_switched_off() {
        for (String model : List.of("kimi-k2.7-code", "kimi-k2.7-code-highspeed")) {
            ChatRequest quick = ChatRequest.builder()
                    .model(model)
                    .user("Say hello.")
                    .thinking(false)
                    .build();

            assertThatThrownBy(() -> kimi.chat(quick)).isInstanceOf(InvalidRequestException.class);
        }
        ChatRequest quick = ChatRequest.builder()
                .model("kimi-k2.6")
                .user("Say hello.")
                .thinking(false)
                .build();
        assertThat(kimi.chat(quick).reasoning()).isEmpty();
        assertThat(service.requests()).hasSize(1);
    }

    @Test
    void tool_choice() {
        Tool weather = Tool.function("weather", "The weather of a city now", """
                {"type": "object", "properties": {"city": {"type": "string"}}, "required": ["city"]}""");
        // snippet:tool-choice
        ChatRequest forced = ChatRequest.builder()
                .user("Do I need an umbrella in Paris?")
                .tool(weather.strict(true))
                .toolChoice(Tool.Choice.named("weather"))
                .thinking(false)
                .build();
        // end
        assertThat(kimi.chat(forced).toolCalls())
                .singleElement()
                .extracting(ToolCall::name)
                .isEqualTo("weather");
        assertThat(service.requests().get(0).bodyText()).contains("\"strict\":true");
        for (Tool.Choice choice : List.of(Tool.Choice.REQUIRED, Tool.Choice.named("weather"))) {
            ChatRequest thinking = ChatRequest.builder()
                    .user("Do I?")
                    .tool(weather)
                    .toolChoice(choice)
                    .build();
            assertThatThrownBy(() -> kimi.chat(thinking)).isInstanceOf(InvalidRequestException.class);
        }
        assertThat(service.requests()).hasSize(1);
    }

    @Test
    void stream() {
        service.reply(Reply.text("Rayleigh scattering."));
        // snippet:stream
        try (ChatStream stream = kimi.stream(ChatRequest.of("Why is the sky blue?"))) {
            for (ChatEvent event : stream) {
                if (event instanceof ChatEvent.Text text) {
                    show(text.value());
                }
            }
            ChatResponse whole = stream.response();
            show(whole.usage().totalTokens() + " tokens");
        } catch (TruncatedStreamException e) {
            show("cut off after: " + e.partial().text());
        }
        // end
        assertThat(String.join("", shown)).startsWith("Rayleigh scattering.").endsWith("tokens");
    }

    @Test
    void stream_that_is_cut_has_a_part() {
        // each time: a cut that overtakes the first event is rightly followed by another attempt
        service.otherwise(Reply.events(4, 10).cutAfterEvents(2));
        assertThatThrownBy(() -> {
                    try (ChatStream stream = kimi.stream(ChatRequest.of("Why is the sky blue?"))) {
                        stream.forEach(event -> {});
                    }
                })
                .isInstanceOfSatisfying(
                        TruncatedStreamException.class,
                        cut -> assertThat(cut.partial().text()).isNotEmpty());
    }

    @Test
    void subscribe() throws Exception {
        CountDownLatch done = new CountDownLatch(1);
        // snippet:subscribe
        ChatStream stream = kimi.stream(ChatRequest.of("Why is the sky blue?"));
        stream.subscribe(new Flow.Subscriber<>() {
            private Flow.Subscription subscription;

            @Override
            public void onSubscribe(Flow.Subscription given) {
                subscription = given;
                subscription.request(1);
            }

            @Override
            public void onNext(ChatEvent event) {
                show(event);
                subscription.request(1);
            }

            @Override
            public void onError(Throwable failure) {
                show(failure);
            }

            @Override
            public void onComplete() {
                show(stream.response().usage());
                done.countDown();
            }
        });
        // end
        done.await();
        assertThat(shown).hasSizeGreaterThan(2);
    }

    @Test
    void async_and_cancel() throws Exception {
        service.reply(Reply.text("Rayleigh scattering."));
        // snippet:async
        CompletableFuture<ChatResponse> future = kimi.chatAsync(ChatRequest.of("Why is the sky blue?"));
        CompletableFuture<Void> printed = future.thenAccept(response -> show(response.text()));
        // end
        printed.get(30, TimeUnit.SECONDS);
        assertThat(shown).containsExactly("Rayleigh scattering.");

        service.reply(Reply.text("never").stallBeforeHeaders());
        // snippet:cancel
        CompletableFuture<ChatResponse> call = kimi.chatAsync(ChatRequest.of("Write a novel."));
        call.cancel(true);
        // end
        assertThat(call).isCancelled();
    }

    @Test
    void tools() {
        service.reply(Reply.toolCall("weather", "{\"city\":\"Paris\"}"), Reply.text("Take an umbrella."));
        // snippet:tools
        Tool weather = Tool.function("weather", "The weather of a city now", """
                {"type": "object", "properties": {"city": {"type": "string"}}, "required": ["city"]}""");
        ChatRequest request = ChatRequest.builder()
                .user("Do I need an umbrella in Paris?")
                .tool(weather)
                .build();

        ChatResponse response = kimi.chat(request);
        while (!response.toolCalls().isEmpty()) {
            ChatRequest.Builder next = request.after(response);
            for (ToolCall call : response.toolCalls()) {
                next.toolResult(call, run(call));
            }
            request = next.build();
            response = kimi.chat(request);
        }
        show(response.text());
        // end
        assertThat(shown).containsExactly("Take an umbrella.");
        assertThat(service.requests().get(1).bodyText()).contains("reasoning_content", "rain");
    }

    @Test
    void errors() {
        service.otherwise(Reply.quotaExceeded());
        // snippet:errors
        try {
            show(kimi.chat("Why is the sky blue?").text());
        } catch (RateLimitException e) {
            tryAgainAt(e.retryAt());
        } catch (QuotaExceededException e) {
            notifyAccounting();
        } catch (TransportException e) {
            show(e.unprocessed() ? "safe to send again" : "may have been processed and billed");
        } catch (KimiException e) {
            show(e.getMessage() + " (" + e.attempts() + " attempts, request " + e.requestId() + ")");
        }
        // end
        assertThat(shown).containsExactly("pay");
    }

    @Test
    void timeouts() {
        String key = "sk-test";
        // snippet:timeouts
        KimiClient patient = KimiClient.builder()
                .apiKey(key)
                .timeouts(Timeouts.builder()
                        .firstEvent(Duration.ofMinutes(10))
                        .total(Duration.ofMinutes(30))
                        .build())
                .build();
        // end
        patient.close();
        assertThat(patient.name()).isEqualTo("default");
    }

    @Test
    void retry() {
        String key = "sk-test";
        // snippet:retry
        KimiClient classic = KimiClient.builder()
                .apiKey(key)
                .retryPolicy(RetryPolicy.classic(3, 1, Duration.ofSeconds(4), Duration.ofSeconds(10)))
                .build();
        // end
        classic.close();

        // snippet:own-retry
        RetryPolicy usual = RetryPolicy.standard(5, Duration.ofSeconds(60));
        RetryPolicy notWhenLimited = attempt ->
                attempt.failure() instanceof RateLimitException ? RetryDecision.stop() : usual.decide(attempt);
        // end
        service.reply(Reply.unavailable(), Reply.rateLimited(Duration.ofSeconds(1)), Reply.text("never"));
        try (KimiClient client = client().retryPolicy(notWhenLimited).build()) {
            RateLimitException limited = catchThrowableOfType(RateLimitException.class, () -> client.chat("Hi"));
            assertThat(limited.attempts()).isEqualTo(2);
        }
    }

    @Test
    void quota() {
        String key = "sk-test";
        // snippet:quota
        KimiClient careful = KimiClient.builder()
                .apiKey(key)
                .provider(Part.QUOTA, "local")
                .set(Part.QUOTA, "concurrency", "50")
                .set(Part.QUOTA, "requests-per-minute", "200")
                .set(Part.QUOTA, "tokens-per-minute", "2M")
                .build();
        // end
        careful.close();

        try (KimiClient limited = client().provider(Part.QUOTA, "local")
                .set(Part.QUOTA, "tokens-per-minute", "10")
                .build()) {
            assertThatThrownBy(() -> limited.chat("Why is the sky blue?")).isInstanceOf(KimiException.class);
        }
        assertThat(service.requests()).isEmpty();
    }

    @Test
    void endpoint() {
        // snippet:endpoint
        ServiceResponse balance = kimi.exchange(ServiceRequest.get("/v1/users/me/balance"));
        show(balance.text());
        // end
        assertThat(shown.get(0)).startsWith("{");
    }

    @Test
    void exchange_stream() throws IOException {
        FakeKimiClient kimi = new FakeKimiClient().endpoint("GET", "/v1/files/f-1/content", "{}\n{}\n");
        String file = "f-1";
        Path target = folder.resolve("results.jsonl");
        // snippet:exchange-stream
        ServiceRequest results =
                ServiceRequest.get("/v1/files/" + file + "/content").deadline(Duration.ofHours(1));
        try (ServiceStream stream = kimi.exchangeStream(results)) {
            Files.copy(stream.inputStream(), target);
        }
        // end
        assertThat(target).hasContent("{}\n{}\n");
    }

    @Test
    void relay() {
        FakeKimiClient kimi = new FakeKimiClient().reply("blue");
        byte[] body = {};
        Map<String, String> headers = Map.of();
        ChatRequest chat = ChatRequest.of("Why is the sky blue?");
        String model = "kimi-k3";
        String session = "s-1";
        long inputTokens = 10;
        long outputCap = 100;
        // snippet:relay
        RelayRequest request = RelayRequest.builder(target -> target.protocol().equals(Provenance.ANTHROPIC)
                        ? new RelayForm.Verbatim("/v1/messages", headers, body)
                        : new RelayForm.Translated(chat, List.of()))
                .model(model)
                .streamed(true)
                .tokens(inputTokens, outputCap)
                .sessionId(session)
                .build();
        CompletableFuture<RelayResponse> response = kimi.relay(request);
        // end
        assertThat(response.join().verbatim()).isFalse();
        assertThat(kimi.requests()).containsExactly(chat);
    }

    @Test
    void upload() throws IOException {
        FakeKimiClient kimi = new FakeKimiClient().endpoint("POST", "/v1/files", "{\"id\":\"f-1\"}");
        Path form = Files.writeString(folder.resolve("form"), "--cut--");
        String boundary = "cut";
        // snippet:upload
        ServiceRequest upload = ServiceRequest.of("POST", "/v1/files", RequestBody.ofFile(form))
                .header("content-type", "multipart/form-data; boundary=" + boundary)
                .deadline(Duration.ofHours(1));
        show(kimi.exchange(upload).text());
        // end
        assertThat(shown).containsExactly("{\"id\":\"f-1\"}");
        assertThat(kimi.serviceRequests().get(0).body().length()).isEqualTo(7);
    }

    @Test
    void models() {
        // snippet:models
        for (ModelCard model : kimi.models()) {
            show(model.id() + ": " + model.contextLength() + " tokens");
        }
        // end
        assertThat(shown).anyMatch(line -> line.startsWith("kimi-k3: "));
    }

    @Test
    void count_tokens() {
        // snippet:count-tokens
        ChatRequest request = ChatRequest.of("Why is the sky blue?");
        long tokens = kimi.countTokens(request);
        show(tokens + " of " + kimi.modelCard(kimi.model()).contextLength());
        // end
        assertThat(shown).singleElement().asString().matches("[1-9]\\d* of 1048576");
    }

    @Test
    void model_card() {
        ChatResponse response = kimi.chat("Why is the sky blue?");
        // snippet:model-card
        ModelCard card = kimi.modelCard("kimi-k3.1-pro");
        ModelPrices prices = card.prices();
        BigDecimal cost = prices == null ? null : prices.cost(response.usage());
        show(card.contextLength() + " tokens, " + cost + " " + (prices == null ? "" : prices.currency()));
        // end
        assertThat(shown).singleElement().asString().matches("1048576 tokens, 0\\.0\\d+ USD");
    }

    @Test
    void model_facts() {
        String key = "sk-test";
        // snippet:model-facts
        KimiClient client = KimiClient.builder()
                .apiKey(key)
                .modelCard("kimi-k9", ModelCard.Fact.CONTEXT, "2M")
                .modelCard("kimi-k3", ModelCard.Fact.TEMPERATURES, "unknown")
                .build();
        // end
        try (client) {
            assertThat(client.modelCard("kimi-k9").contextLength()).isEqualTo(2_000_000);
            assertThat(client.modelCard("kimi-k3").knows(ModelCard.Fact.TEMPERATURES))
                    .isFalse();
        }
    }

    @Test
    void warm_up_and_shutdown() {
        // snippet:warm-up
        boolean all = kimi.warmUp(WarmUp.CALL_PATH, Duration.ofSeconds(10)).join();
        // end
        assertThat(all).isTrue();
        // snippet:shutdown
        if (!kimi.shutdown(Duration.ofSeconds(30)).join()) {
            show("Calls had to be cancelled.");
        }
        // end
        assertThat(shown).isEmpty();
    }

    @Test
    void leak_detection() {
        String key = "sk-test";
        // snippet:leak-detection
        KimiClient watched = KimiClient.builder()
                .apiKey(key)
                .leakDetection(LeakDetection.STACK)
                .build();
        // end
        assertThat(watched.diagnostics().leakedStreams()).isZero();
        watched.close();
    }

    @Test
    void diagnostics() {
        kimi.chat("Hi");
        // snippet:diagnostics
        Diagnostics now = kimi.diagnostics();
        show(now.calls().total() + " calls, of which " + now.calls().queued() + " wait for quota");
        show(now.openStreams() + " streams are open, " + now.leakedStreams() + " were dropped");
        show(now.retryTokens() + " tokens are left for retries");
        show(now.pool().active() + " of " + now.pool().max() + " connections are in use");
        // end
        assertThat(shown)
                .startsWith(
                        "0 calls, of which 0 wait for quota",
                        "0 streams are open, 0 were dropped",
                        "500 tokens are left for retries")
                .last()
                .asString()
                .endsWith(" of 100 connections are in use");
    }

    @Test
    void a_request_that_is_known_to_be_rejected_is_not_sent() {
        ChatRequest request = ChatRequest.builder()
                .user("Hi")
                .temperature(0.2)
                .model("kimi-k3")
                .build();

        assertThatThrownBy(() -> kimi.chat(request)).isInstanceOf(InvalidRequestException.class);
        assertThat(service.requests()).isEmpty();
    }

    private static String run(ToolCall call) {
        return call.name().equals("weather") ? "rain" : "unknown tool";
    }

    private void tryAgainAt(@Nullable Instant moment) {
        show("again at " + moment);
    }

    private void notifyAccounting() {
        show("pay");
    }

    private void show(@Nullable Object something) {
        synchronized (shown) {
            shown.add(String.valueOf(something));
        }
    }
}
