package dev.kimi.docs;

import static dev.kimi.test.Reply.text;
import static dev.kimi.test.Reply.toolCall;
import static org.assertj.core.api.Assertions.assertThat;

import dev.kimi.KimiClient;
import dev.kimi.chat.ChatEvent;
import dev.kimi.chat.ChatRequest;
import dev.kimi.schema.Description;
import dev.kimi.test.KimiSimulator;
import dev.kimi.test.junit.KimiSimulatorExtension;
import dev.kimi.tool.ToolLoop;
import dev.kimi.tool.ToolLoopEvent;
import dev.kimi.tool.ToolLoopException;
import dev.kimi.tool.ToolLoopResult;
import dev.kimi.tool.ToolLoopStream;
import dev.kimi.tool.ToolMethod;
import dev.kimi.tool.Tools;
import dev.kimi.typed.TypedChat;
import dev.kimi.typed.TypedResponse;
import dev.kimi.typed.TypedResponseException;
import java.time.Duration;
import java.time.LocalDate;
import java.util.ArrayList;
import java.util.List;
import java.util.Optional;
import org.junit.jupiter.api.AfterEach;
import org.junit.jupiter.api.Test;
import org.junit.jupiter.api.Timeout;
import org.junit.jupiter.api.extension.RegisterExtension;

/** The code of docs/typed.md. */
@Timeout(60)
class TypedSnippetsTest {

    @RegisterExtension
    static final KimiSimulatorExtension EXTENSION = new KimiSimulatorExtension();

    private final KimiSimulator service = EXTENSION.simulator();
    private final KimiClient kimi = EXTENSION.track(KimiClient.builder()
            .baseUrl(service.baseUrl())
            .apiKey("sk-test")
            .model("kimi-k3")
            .build());
    private final List<Object> shown = new ArrayList<>();

    @AfterEach
    void close() {
        kimi.close();
    }

    private void show(Object what) {
        shown.add(what);
    }

    // snippet:typed-record
    enum Currency {
        EUR,
        CHF
    }

    record Item(String name, @Description("Without tax") double price) {}

    record Invoice(String number, LocalDate due, Currency currency, List<Item> items, Optional<String> note) {}
    // end

    // snippet:tool-methods
    static class Weather {

        @ToolMethod("The weather of a city on a day")
        String forecast(@Description("Such as Paris") String city, Optional<LocalDate> day) {
            return "rain in " + city;
        }
    }
    // end

    record City(String name) {}

    private static final String INVOICE = "{\"number\":\"7\",\"due\":\"2026-12-24\",\"currency\":\"CHF\","
            + "\"items\":[{\"name\":\"Tea\",\"price\":4.5}],\"note\":null}";

    @Test
    void typed_chat() {
        String letter = "Invoice 7 ...";
        service.reply(text(INVOICE));
        // snippet:typed-chat
        TypedChat typed = TypedChat.of(kimi);
        TypedResponse<Invoice> response = typed.chat("Read this invoice: " + letter, Invoice.class);

        show(response.value().due());
        show(response.response().usage().totalTokens() + " tokens");
        // end
        assertThat(shown.get(0)).isEqualTo(LocalDate.of(2026, 12, 24));
    }

    @Test
    void typed_failures() {
        ChatRequest request = ChatRequest.of("Read this invoice.");
        TypedChat typed = TypedChat.of(kimi);
        service.reply(text("{\"number\":").finishReason("length"));
        // snippet:typed-failures
        try {
            show(typed.chat(request, Invoice.class).value());
        } catch (TypedResponseException.Cut e) {
            show("cut after " + e.response().usage().completionTokens() + " tokens");
        } catch (TypedResponseException.Declined e) {
            show("the model does not want to");
        } catch (TypedResponseException.Mismatch e) {
            show(e.getMessage() + " It wrote: " + e.text());
        }
        // end
        assertThat(shown.get(0).toString()).startsWith("cut after");
    }

    @Test
    void tool_loop() {
        service.reply(toolCall("forecast", "{\"city\":\"Paris\",\"day\":null}"), text("Take an umbrella."));
        // snippet:tool-loop
        try (ToolLoop loop =
                ToolLoop.builder(kimi).tools(Tools.of(new Weather())).build()) {
            ToolLoopResult result = loop.run(ChatRequest.of("Do I need an umbrella in Paris?"));

            show(result.text());
            show(result.rounds() + " calls, " + result.usage().totalTokens() + " tokens");
        }
        // end
        assertThat(shown.get(0)).isEqualTo("Take an umbrella.");
        assertThat(service.requests().get(1).bodyText()).contains("rain in Paris", "reasoning_content");
    }

    @Test
    void typed_claude() {
        String anthropic = service.baseUrl();
        String key = "sk-ant-test";
        String letter = "Invoice 7 ...";
        service.reply(
                toolCall("forecast", "{\"city\":\"Paris\",\"day\":null}"), text("Take an umbrella."), text(INVOICE));
        // snippet:typed-claude
        try (KimiClient claude = KimiClient.builder()
                        .baseUrl(anthropic)
                        .protocol("anthropic")
                        .apiKey(key)
                        .model("claude-sonnet-5-5")
                        .build();
                ToolLoop loop =
                        ToolLoop.builder(claude).tools(Tools.of(new Weather())).build()) {
            show(loop.run(ChatRequest.of("Do I need an umbrella in Paris?")).text());
            show(TypedChat.of(claude)
                    .chat("Read this invoice: " + letter, Invoice.class)
                    .value());
        }
        // end
        assertThat(shown.get(0)).isEqualTo("Take an umbrella.");
        assertThat(shown.get(1)).hasFieldOrPropertyWithValue("number", "7");
        assertThat(service.requests()).extracting(request -> request.path()).containsOnly("/v1/messages");
    }

    @Test
    void tool_loop_limits() {
        service.otherwise(toolCall("population", "{\"name\":\"Paris\"}"));
        // snippet:tool-loop-limits
        Tools tools = Tools.builder()
                .methodsOf(new Weather())
                .function("population", "How many people live in a city", City.class, city -> populationOf(city.name()))
                .timeout("population", Duration.ofSeconds(5))
                .build();
        try (ToolLoop loop = ToolLoop.builder(kimi)
                .tools(tools)
                .maxRounds(5)
                .deadline(Duration.ofMinutes(2))
                .toolTimeout(Duration.ofSeconds(20))
                .observer(event -> show(event))
                .build()) {
            show(loop.run(ChatRequest.of("Where do more people get wet?")).text());
        } catch (ToolLoopException.RoundsExhausted e) {
            show("no end after " + e.rounds() + " calls, " + e.usage().totalTokens() + " tokens");
        } catch (ToolLoopException.TimedOut e) {
            show("two minutes were not enough");
        }
        // end
        assertThat(shown.get(shown.size() - 1).toString()).startsWith("no end after 5 calls");
    }

    private static int populationOf(String city) {
        return city.length() * 100_000;
    }

    @Test
    void tool_loop_stream() {
        service.reply(toolCall("forecast", "{\"city\":\"Paris\",\"day\":null}"), text("Take an umbrella."));
        ToolLoop loop = ToolLoop.builder(kimi).tools(Tools.of(new Weather())).build();
        ChatRequest request = ChatRequest.of("Do I need an umbrella in Paris?");
        // snippet:tool-loop-stream
        try (ToolLoopStream stream = loop.stream(request)) {
            for (ToolLoopEvent event : stream) {
                if (event instanceof ToolLoopEvent.ToolStarted tool) {
                    show("looking up: " + tool.call().name());
                } else if (event instanceof ToolLoopEvent.Chat chat && chat.event() instanceof ChatEvent.Text text) {
                    show(text.value());
                }
            }
            request = stream.result().conversation().toBuilder()
                    .user("And tomorrow?")
                    .build();
        }
        // end
        loop.close();
        assertThat(shown.get(0)).isEqualTo("looking up: forecast");
        assertThat(request.messages()).hasSize(5);
    }
}
