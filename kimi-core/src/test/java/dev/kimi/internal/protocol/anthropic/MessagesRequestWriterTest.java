package dev.kimi.internal.protocol.anthropic;

import static org.assertj.core.api.Assertions.assertThat;
import static org.assertj.core.api.Assertions.assertThatThrownBy;

import dev.kimi.chat.ChatRequest;
import dev.kimi.chat.ChatResponse.Note;
import dev.kimi.chat.ContentPart;
import dev.kimi.chat.Message;
import dev.kimi.chat.Provenance;
import dev.kimi.chat.ResponseFormat;
import dev.kimi.chat.Tool;
import dev.kimi.chat.ToolCall;
import dev.kimi.error.InvalidRequestException;
import dev.kimi.internal.model.ModelCards;
import dev.kimi.internal.protocol.EncodeTarget;
import dev.kimi.internal.protocol.EncodedChat;
import dev.kimi.internal.protocol.Protocol;
import dev.kimi.internal.protocol.ToolSchemas;
import dev.kimi.service.ModelCard;
import java.nio.charset.StandardCharsets;
import java.time.Duration;
import java.util.List;
import java.util.Map;
import org.junit.jupiter.api.Test;
import org.junit.jupiter.params.ParameterizedTest;
import org.junit.jupiter.params.provider.CsvSource;
import org.junit.jupiter.params.provider.ValueSource;

class MessagesRequestWriterTest {

    private static final ModelCards CARDS = new ModelCards.Settings().cards();

    private static final Protocol LATEST = new MessagesProtocol(MessagesProtocol.LATEST_VERSION);
    private static final Protocol OLD = new MessagesProtocol("2023-06-01");
    private static final String HI = "\"messages\":[{\"role\":\"user\",\"content\":\"Hi\"}]";
    private static final String SCHEMA = "{ \"type\":\"object\", \"properties\":{\"a\":{\"type\":\"string\"}} }";

    @Test
    void sends_nothing_that_was_not_set_but_the_cap_that_the_protocol_demands() {
        assertThat(json(ChatRequest.of("Hi"))).isEqualTo("{\"model\":\"claude\",\"max_tokens\":32768," + HI + "}");
    }

    @Test
    void the_cap_is_what_is_usual_for_the_model_and_never_more_than_it_writes() {
        ModelCard small = ModelCard.builder("claude")
                .fact(ModelCard.Fact.OUTPUT_DEFAULT, 32_000)
                .fact(ModelCard.Fact.OUTPUT_MAX, 4_096)
                .build();
        ModelCard large =
                small.toBuilder().fact(ModelCard.Fact.OUTPUT_MAX, 64_000).build();
        ModelCard unknown = ModelCard.builder("claude").build();
        ChatRequest hi = ChatRequest.of("Hi");

        assertThat(json(hi, small)).contains("\"max_tokens\":4096,");
        assertThat(json(hi, large)).contains("\"max_tokens\":32000,");
        assertThat(json(hi, unknown)).contains("\"max_tokens\":32000,");
        assertThat(json(
                        ChatRequest.builder()
                                .user("Hi")
                                .maxCompletionTokens(64_000)
                                .build(),
                        large))
                .contains("\"max_tokens\":64000,");
        assertThat(LATEST.outputCap(hi, small)).isEqualTo(4_096);
    }

    @Test
    void writes_every_field() {
        ChatRequest request = ChatRequest.builder()
                .system("Be \"terse\".")
                .user(": 月\n")
                .maxCompletionTokens(1024)
                .tool(Tool.function("add", "Adds.", SCHEMA))
                .tool(Tool.function("now", "", ""))
                .toolChoice(Tool.Choice.named("add"))
                .parallelToolCalls(false)
                .thinking(true)
                .reasoningEffort("high")
                .responseFormat(ResponseFormat.jsonSchema("answer", SCHEMA))
                .stop(List.of("END", "STOP"))
                .userId("u-1")
                .cacheLifetime(Duration.ofMinutes(10))
                .build();

        assertThat(json(request, true))
                .isEqualTo("{\"model\":\"claude\",\"max_tokens\":1024,\"system\":\"Be \\\"terse\\\".\","
                        + "\"messages\":[{\"role\":\"user\",\"content\":\": 月\\n\"}],"
                        + "\"cache_control\":{\"type\":\"ephemeral\",\"ttl\":\"1h\"},"
                        + "\"tools\":[{\"name\":\"add\",\"description\":\"Adds.\",\"input_schema\":" + SCHEMA + "},"
                        + "{\"name\":\"now\",\"input_schema\":{\"type\":\"object\",\"properties\":{}}}],"
                        + "\"tool_choice\":{\"type\":\"tool\",\"name\":\"add\",\"disable_parallel_tool_use\":true},"
                        + "\"thinking\":{\"type\":\"adaptive\"},"
                        + "\"output_config\":{\"effort\":\"high\",\"format\":{\"type\":\"json_schema\",\"schema\":"
                        + SCHEMA + "}},\"stop_sequences\":[\"END\",\"STOP\"],\"metadata\":{\"user_id\":\"u-1\"},"
                        + "\"stream\":true}");
    }

    @ParameterizedTest
    @CsvSource(
            delimiter = '|',
            value = {
                "auto||{\"type\":\"auto\"}",
                "none|false|{\"type\":\"none\"}",
                "required|true|{\"type\":\"any\"}",
                "required|false|{\"type\":\"any\",\"disable_parallel_tool_use\":true}",
                "|false|{\"type\":\"auto\",\"disable_parallel_tool_use\":true}"
            })
    void the_choice_of_tools_has_the_protocols_own_words(String choice, Boolean parallel, String written) {
        ChatRequest.Builder request = ChatRequest.builder().user("Hi").tool(Tool.function("f", "", ""));
        if (choice != null) {
            request.toolChoice(
                    choice.equals("auto")
                            ? Tool.Choice.AUTO
                            : choice.equals("none") ? Tool.Choice.NONE : Tool.Choice.REQUIRED);
        }
        if (parallel != null) {
            request.parallelToolCalls(parallel);
        }

        assertThat(json(request.build())).endsWith(",\"tool_choice\":" + written + "}");
    }

    @ParameterizedTest
    @CsvSource(
            delimiter = '|',
            value = {
                "kimi-k2.6|,\"thinking\":{\"type\":\"enabled\"}}",
                "claude-opus-4-6|,\"thinking\":{\"type\":\"adaptive\"}}",
                "claude-next|,\"thinking\":{\"type\":\"adaptive\"}}",
                "kimi-k3|]}",
                "kimi-k3.1-pro|]}"
            })
    void thinking_is_enabled_by_the_word_that_the_model_knows_and_by_none_where_it_thinks_anyway(
            String model, String end) {
        assertThat(json(ChatRequest.builder().user("Hi").thinking(true).build(), CARDS.named(model)))
                .endsWith(end);
    }

    @Test
    void thinking_can_be_disabled() {
        assertThat(json(ChatRequest.builder().user("Hi").thinking(false).build()))
                .endsWith(",\"thinking\":{\"type\":\"disabled\"}}");
    }

    @Test
    void an_old_version_takes_sampling_and_the_latest_rejects_it_by_name() {
        ChatRequest request =
                ChatRequest.builder().user("Hi").temperature(0.5).topP(0.25).build();

        assertThat(new String(encoded(OLD, request, false).body(), StandardCharsets.UTF_8))
                .endsWith(",\"temperature\":0.5,\"top_p\":0.25}");
        assertThatThrownBy(() -> json(request))
                .isInstanceOfSatisfying(
                        InvalidRequestException.class,
                        rejected -> assertThat(rejected.param()).isEqualTo("temperature"))
                .hasMessage("Version 2026-10-21 of the API takes no temperature, whatever its value. Leave it out, or"
                        + " set the version to 2023-06-01 for a model that takes it.");
    }

    @ParameterizedTest
    @CsvSource({"temperature", "top_p", "top_k"})
    void sampling_as_a_further_field_is_rejected_too(String field) {
        ChatRequest request = ChatRequest.builder().user("Hi").extra(field, 1).build();

        assertThatThrownBy(() -> json(request))
                .isInstanceOfSatisfying(
                        InvalidRequestException.class,
                        rejected -> assertThat(rejected.param()).isEqualTo(field));
        assertThat(new String(encoded(OLD, request, false).body(), StandardCharsets.UTF_8))
                .endsWith(",\"" + field + "\":1}");
    }

    @ParameterizedTest
    @CsvSource({
        "2023-06-01, false",
        "2026-10-20, false",
        "2026-10-21, true",
        "2027-01-01, true",
        "vertex-2023-10-16, false"
    })
    void sampling_is_rejected_from_a_version_on(String version, boolean rejected) {
        ChatRequest request = ChatRequest.builder().user("Hi").topP(1).build();
        Protocol protocol = new MessagesProtocol(version);

        if (rejected) {
            assertThatThrownBy(() -> encoded(protocol, request, false)).hasMessageContaining("takes no top_p");
        } else {
            assertThat(encoded(protocol, request, false).notes()).isEmpty();
        }
        assertThat(protocol.fixedHeaders().first("anthropic-version")).isEqualTo(version);
    }

    @Test
    void a_card_names_another_version_for_its_model() {
        ModelCard old = ModelCard.builder("claude-opus-4-6")
                .fact(ModelCard.Fact.API_VERSION, "2023-06-01")
                .build();
        ModelCard latest = ModelCard.builder("claude-opus-5-5")
                .fact(ModelCard.Fact.API_VERSION, "2026-10-21")
                .build();
        Provenance here = new Provenance(Provenance.ANTHROPIC, "api.test", "claude");
        ChatRequest warm = ChatRequest.of("Hi").toBuilder().temperature(0.5).build();
        Protocol beta = new MessagesProtocol(
                "2023-06-01", List.of("a-beta"), MessagesProtocol.Mismatch.ERROR, ToolSchemas.AS_IS);

        EncodedChat written = LATEST.encode(warm, new EncodeTarget(here, true, false, old));

        assertThat(written.headers().first("anthropic-version")).isEqualTo("2023-06-01");
        assertThat(new String(written.body(), StandardCharsets.UTF_8)).contains("\"temperature\":0.5");
        assertThat(LATEST.fixedHeaders().first("anthropic-version")).isEqualTo(MessagesProtocol.LATEST_VERSION);
        assertThatThrownBy(() -> beta.encode(warm, new EncodeTarget(here, true, false, latest)))
                .isInstanceOfSatisfying(
                        InvalidRequestException.class,
                        e -> assertThat(e.param()).isEqualTo("temperature"));
        assertThat(beta.encode(ChatRequest.of("Hi"), new EncodeTarget(here, true, false, latest))
                        .headers())
                .satisfies(headers -> {
                    assertThat(headers.first("anthropic-version")).isEqualTo("2026-10-21");
                    assertThat(headers.first("anthropic-beta")).isEqualTo("a-beta");
                });
    }

    @Test
    void from_that_version_on_a_document_stands_in_no_turn_of_the_assistant() {
        ContentPart document = ContentPart.opaque(Provenance.ANTHROPIC, "document", "{\"type\":\"document\"}");
        ContentPart fetched = ContentPart.opaque(
                Provenance.ANTHROPIC,
                "web_fetch_tool_result",
                "{\"type\":\"web_fetch_tool_result\",\"content\":{\"type\":\"document\"}}");
        ChatRequest direct = conversation(Message.of(
                Message.Role.ASSISTANT,
                List.of(Message.Block.of(ContentPart.text("See")), Message.Block.of(document))));

        rejected(direct, "messages");
        assertThatThrownBy(() -> json(direct))
                .hasMessage("Version 2026-10-21 of the API takes no document in a turn of the assistant. Give it in a"
                        + " message of the user, or set the version to 2023-06-01.");
        assertThat(encoded(OLD, direct, false).notes()).isEmpty();
        assertThat(json(direct.toBuilder().extra("messages", List.of()).build()))
                .contains("\"messages\":[]");
        assertThat(json(conversation(Message.of(Message.Role.ASSISTANT, List.of(Message.Block.of(fetched))))))
                .contains("web_fetch_tool_result");
        assertThat(json(conversation(Message.user(List.of(document))))).contains("{\"type\":\"document\"}");
    }

    @ParameterizedTest
    @CsvSource(
            delimiter = '|',
            value = {
                "text|{\"type\":\"text\",\"text\":\"a\",\"citations\":[{\"type\":\"char_location\"}]}|true",
                "text|{\"type\":\"text\",\"text\":\"a\",\"citations\":[]}|false",
                "text|{\"type\":\"text\",\"text\":\"a\",\"citations\":null}|false",
                "search_result|{\"type\":\"search_result\",\"citations\":{\"enabled\":true},\"content\":[{\"type\":"
                        + "\"text\",\"text\":\"a\"}]}|false",
                "search_result|{\"type\":\"search_result\",\"content\":[{\"type\":\"text\",\"text\":\"a\"},"
                        + "{\"type\":\"text\",\"text\":\"b\",\"citations\":[{}]}]}|true",
                "document|{\"type\":\"document\",\"citations\":{\"enabled\":true}}|false"
            })
    void from_that_version_on_text_of_the_user_has_no_citations(String type, String json, boolean rejected) {
        ContentPart part = ContentPart.opaque(Provenance.ANTHROPIC, type, json);
        ChatRequest own = conversation(Message.user(List.of(part)));
        ChatRequest result = ChatRequest.builder()
                .user("Hi")
                .message(Message.assistant("", null, List.of(new ToolCall("t", "f", "{}"))))
                .message(Message.toolResult(new ContentPart.ToolResult("t", List.of(part), false)))
                .build();

        for (ChatRequest request : List.of(own, result)) {
            if (rejected) {
                rejected(request, "messages");
                assertThatThrownBy(() -> json(request)).hasMessageContaining("takes no citations in text of the user");
            } else {
                assertThat(json(request)).contains(json);
            }
            assertThat(encoded(OLD, request, false).notes()).isEmpty();
        }
        if (!type.equals("document")) {
            ChatRequest assistants = conversation(Message.of(Message.Role.ASSISTANT, List.of(Message.Block.of(part))));
            assertThat(json(assistants)).contains(json);
        }
    }

    @Test
    void beta_features_are_one_header_in_the_order_given() {
        assertThat(LATEST.fixedHeaders().first("anthropic-beta")).isNull();
        assertThat(new MessagesProtocol(
                                "2026-10-21",
                                List.of("b-2026", "a-2025"),
                                MessagesProtocol.Mismatch.ERROR,
                                ToolSchemas.AS_IS)
                        .fixedHeaders()
                        .first("anthropic-beta"))
                .isEqualTo("b-2026,a-2025");
    }

    @Test
    void a_further_field_replaces_what_would_be_sent_and_is_written_once() {
        ChatRequest request = ChatRequest.builder()
                .system("Be terse.")
                .user("Hi")
                .thinking(true)
                .reasoningEffort("low")
                .stop(List.of("END"))
                .userId("u-1")
                .tool(Tool.function("f", "", ""))
                .toolChoice(Tool.Choice.AUTO)
                .cacheLifetime(Duration.ofMinutes(1))
                .extra("output_config", Map.of("effort", "max"))
                .extra("stop_sequences", List.of("STOP"))
                .extra("metadata", Map.of())
                .extra("tools", List.of())
                .extra("tool_choice", Map.of("type", "none"))
                .extra("max_tokens", 7)
                .extra("thinking", Map.of("type", "between_tools"))
                .extra("cache_control", Map.of("type", "ephemeral"))
                .extra("speed", "fast")
                .build();

        assertThat(json(request))
                .isEqualTo("{\"model\":\"claude\",\"system\":\"Be terse.\"," + HI
                        + ",\"output_config\":{\"effort\":\"max\"},\"stop_sequences\":[\"STOP\"],\"metadata\":{},"
                        + "\"tools\":[],\"tool_choice\":{\"type\":\"none\"},\"max_tokens\":7,\"thinking\":{\"type\":\"between_tools\"},"
                        + "\"cache_control\":{\"type\":\"ephemeral\"},\"speed\":\"fast\"}");
    }

    @Test
    void a_further_field_replaces_the_system_text_and_the_temperature_too() {
        ChatRequest request = ChatRequest.builder()
                .system("Be terse.")
                .user("Hi")
                .temperature(0.5)
                .topP(0.5)
                .extra("system", "Be kind.")
                .extra("temperature", 1)
                .extra("top_p", 1)
                .build();

        assertThat(new String(encoded(OLD, request, false).body(), StandardCharsets.UTF_8))
                .isEqualTo("{\"model\":\"claude\",\"max_tokens\":32768," + HI
                        + ",\"system\":\"Be kind.\",\"temperature\":1,\"top_p\":1}");
    }

    @ParameterizedTest
    @CsvSource({"PT1S, false", "PT5M, false", "PT5M0.001S, true", "PT1H, true", "P1D, true"})
    void a_lifetime_in_the_cache_is_the_shortest_that_holds_as_long(Duration wanted, boolean hour) {
        ChatRequest request =
                ChatRequest.builder().user("Hi").cacheLifetime(wanted).build();

        assertThat(json(request))
                .endsWith(",\"cache_control\":{\"type\":\"ephemeral\"" + (hour ? ",\"ttl\":\"1h\"" : "") + "}}");
    }

    @Test
    void fields_of_the_clients_own_protocol_are_left_out_elsewhere_with_a_note() {
        ChatRequest request = ChatRequest.builder()
                .message(Message.user("Hi").with("name", "Ann"))
                .extra("prompt_cache_key", "k")
                .extra(Provenance.ANTHROPIC, "speed", "fast")
                .build();
        Provenance here = new Provenance(Provenance.ANTHROPIC, "api.test", "claude");

        EncodedChat elsewhere = LATEST.encode(request, new EncodeTarget(here, false, false, CARDS.of(here.model())));

        assertThat(new String(elsewhere.body(), StandardCharsets.UTF_8))
                .isEqualTo("{\"model\":\"claude\",\"max_tokens\":32768," + HI + ",\"speed\":\"fast\"}");
        assertThat(elsewhere.notes()).hasSize(2).extracting(Note::code).containsOnly(Note.FIELD_OMITTED);
    }

    @Test
    void system_messages_before_all_others_are_the_prompts_own_field_and_later_ones_stay_in_place() {
        ChatRequest request = ChatRequest.builder()
                .system("One.")
                .message(Message.system("Two.").cacheUpToHere())
                .user("Hi")
                .message(Message.assistant("Hello."))
                .user("Go on.")
                .system("Now in French.")
                .build();

        assertThat(json(request))
                .contains(
                        "\"system\":[{\"type\":\"text\",\"text\":\"One.\"},{\"type\":\"text\",\"text\":\"Two.\","
                                + "\"cache_control\":{\"type\":\"ephemeral\"}}],\"messages\":[{\"role\":\"user\",\"content\":\"Hi\"}")
                .endsWith("{\"role\":\"user\",\"content\":\"Go on.\"},{\"role\":\"system\",\"content\":"
                        + "\"Now in French.\"}]}");
    }

    @Test
    void empty_text_is_written_nowhere() {
        ChatRequest request = ChatRequest.builder()
                .system("")
                .message(Message.user(List.of(ContentPart.text(""), ContentPart.text("Hi"))))
                .message(Message.assistant(""))
                .build();

        assertThat(json(request)).isEqualTo("{\"model\":\"claude\",\"max_tokens\":32768," + HI + "}");
    }

    @Test
    void images_are_bytes_or_an_address() {
        ChatRequest request = ChatRequest.builder()
                .message(Message.user(List.of(
                        ContentPart.image("image/png", new byte[] {1, 2, 3}),
                        ContentPart.image("https://img.test/a.png"),
                        ContentPart.text("What is it?"))))
                .build();

        assertThat(json(request))
                .contains(
                        "\"content\":[{\"type\":\"image\",\"source\":{\"type\":\"base64\",\"media_type\":\"image/png\","
                                + "\"data\":\"AQID\"}},{\"type\":\"image\",\"source\":{\"type\":\"url\",\"url\":"
                                + "\"https://img.test/a.png\"}},{\"type\":\"text\",\"text\":\"What is it?\"}]");
    }

    @Test
    void files_of_the_service_are_images_where_the_models_card_says_so() {
        ChatRequest request = ChatRequest.builder()
                .message(Message.user(List.of(ContentPart.image("ms://file_1"))))
                .build();

        assertThat(json(request, CARDS.of("kimi-k3")))
                .contains("{\"type\":\"image\",\"source\":{\"type\":\"url\",\"url\":\"ms://file_1\"}}");
    }

    @ParameterizedTest
    @ValueSource(strings = {"ms://file-1", "data:image/png,abc", "data:", "ftp://img.test/a.png"})
    void other_images_are_rejected_here(String url) {
        ChatRequest request = ChatRequest.builder()
                .message(Message.user(List.of(ContentPart.image(url))))
                .build();

        assertThatThrownBy(() -> json(request))
                .isInstanceOfSatisfying(
                        InvalidRequestException.class,
                        rejected -> assertThat(rejected.param()).isEqualTo("messages"))
                .hasMessageNotContaining("abc");
    }

    @Test
    void results_that_follow_one_another_are_one_turn_of_the_user() {
        ToolCall one = new ToolCall("toolu_1", "add", "{\"a\": 1.50}");
        ToolCall two = new ToolCall("toolu_2", "show", "");
        ChatRequest request = ChatRequest.builder()
                .user("Hi")
                .message(Message.assistant("", null, List.of(one, two)))
                .toolResult(one, "2")
                .message(Message.toolResult(new ContentPart.ToolResult(
                        "toolu_2",
                        List.of(ContentPart.text("no"), ContentPart.image("image/png", new byte[] {1})),
                        true)))
                .user("Go on.")
                .build();

        assertThat(json(request))
                .contains(
                        "{\"role\":\"assistant\",\"content\":[{\"type\":\"tool_use\",\"id\":\"toolu_1\",\"name\":\"add\","
                                + "\"input\":{\"a\": 1.50}},{\"type\":\"tool_use\",\"id\":\"toolu_2\",\"name\":\"show\","
                                + "\"input\":{}}]},{\"role\":\"user\",\"content\":[{\"type\":\"tool_result\",\"tool_use_id\":"
                                + "\"toolu_1\",\"content\":\"2\"},{\"type\":\"tool_result\",\"tool_use_id\":\"toolu_2\",\"content\":"
                                + "[{\"type\":\"text\",\"text\":\"no\"},{\"type\":\"image\",\"source\":{\"type\":\"base64\","
                                + "\"media_type\":\"image/png\",\"data\":\"AQ==\"}}],\"is_error\":true}]},"
                                + "{\"role\":\"user\",\"content\":\"Go on.\"}]");
    }

    @Test
    void a_breakpoint_stands_on_the_last_block_of_its_message_that_takes_one() {
        ToolCall call = new ToolCall("toolu_1", "f", "{}");
        ChatRequest request = ChatRequest.builder()
                .message(Message.user(List.of(ContentPart.text("a"), ContentPart.text("b")))
                        .cacheUpToHere())
                .message(Message.of(
                                Message.Role.ASSISTANT,
                                List.of(
                                        Message.Block.of(call),
                                        Message.Block.of(new ContentPart.Reasoning("Hm.", "c2ln"))))
                        .cacheUpToHere())
                .message(Message.toolResult("toolu_1", "1").cacheUpToHere())
                .message(Message.user("Go on.").cacheUpToHere())
                .cacheLifetime(Duration.ofMinutes(5))
                .build();
        String mark = ",\"cache_control\":{\"type\":\"ephemeral\"}}";

        assertThat(json(request))
                .contains(
                        "{\"type\":\"text\",\"text\":\"b\"" + mark,
                        "\"name\":\"f\",\"input\":{}" + mark + ",{\"type\":\"thinking\",\"thinking\":\"Hm.\","
                                + "\"signature\":\"c2ln\"}]",
                        "\"content\":\"1\"" + mark,
                        "{\"type\":\"text\",\"text\":\"Go on.\"" + mark)
                .satisfies(body -> assertThat(body.split("cache_control", -1)).hasSize(5));
    }

    @Test
    void a_fifth_breakpoint_is_rejected_here() {
        ChatRequest.Builder four = ChatRequest.builder();
        for (int i = 0; i < 4; i++) {
            four.message(Message.user("Turn " + i).cacheUpToHere());
        }
        assertThat(json(four.build()).split("cache_control", -1)).hasSize(5);

        ChatRequest five = four.build().toBuilder()
                .message(Message.user("5").cacheUpToHere())
                .build();
        ChatRequest withOwn =
                four.extra("cache_control", Map.of("type", "ephemeral")).build();

        for (ChatRequest request : List.of(five, withOwn)) {
            assertThatThrownBy(() -> json(request))
                    .isInstanceOfSatisfying(
                            InvalidRequestException.class,
                            rejected -> assertThat(rejected.param()).isEqualTo("cache_control"))
                    .hasMessageStartingWith("The conversation has 5 cache breakpoints, and the service takes 4.");
        }
    }

    @Test
    void what_the_protocol_cannot_say_is_rejected_with_the_field() {
        ChatRequest.Builder hi = ChatRequest.builder().user("Hi");

        rejected(hi.build().toBuilder().tool(Tool.builtin("$web_search")).build(), "tools");
        rejected(hi.build().toBuilder().tool(Tool.function("f", "", "{")).build(), "tools");
        rejected(
                hi.build().toBuilder()
                        .responseFormat(ResponseFormat.JSON_OBJECT)
                        .build(),
                "output_config");
        rejected(
                hi.build().toBuilder()
                        .responseFormat(ResponseFormat.jsonSchema("a", "["))
                        .build(),
                "output_config");
        rejected(
                hi.build().toBuilder()
                        .message(Message.assistant("", null, List.of(new ToolCall("t", "f", "{\"a\":"))))
                        .build(),
                "messages");
        rejected(
                hi.build().toBuilder()
                        .message(Message.user(List.of(ContentPart.opaque(Provenance.OPENAI, "video_url", "{}"))))
                        .build(),
                "messages");
        rejected(
                hi.build().toBuilder()
                        .message(Message.user(List.of(ContentPart.opaque(Provenance.ANTHROPIC, "document", "{"))))
                        .build(),
                "messages");
    }

    @Test
    void fields_of_messages_are_written_with_them_and_replace_their_content() {
        ChatRequest request = ChatRequest.builder()
                .message(Message.user("Hi").with("content", List.of()).with("x", 1))
                .message(Message.user("").with("content", "own"))
                .message(Message.assistant("", null, List.of(new ToolCall("t", "f", "{}"))))
                .message(Message.toolResult("t", "1").with("y", 2))
                .build();

        assertThat(json(request))
                .contains(
                        "{\"role\":\"user\",\"content\":[],\"x\":1},{\"role\":\"user\",\"content\":\"own\"}",
                        "\"content\":\"1\"}],\"y\":2}");
    }

    @Test
    void thinking_and_calls_before_the_last_hand_over_do_not_go_back_be_it_the_last_block() {
        Provenance here = new Provenance(Provenance.ANTHROPIC, "api.test", "claude");
        List<Message.Block> blocks = List.of(
                new Message.Block(new ContentPart.Reasoning("Hm.", "c2ln"), here, null),
                new Message.Block(
                        ContentPart.opaque(
                                Provenance.ANTHROPIC,
                                "redacted_thinking",
                                "{\"type\":\"redacted_thinking\",\"data\":\"x\"}"),
                        here,
                        null),
                new Message.Block(ContentPart.text("So"), here, null),
                new Message.Block(
                        ContentPart.opaque(Provenance.ANTHROPIC, "fallback", "{\"type\":\"fallback\"}"), here, null));
        ChatRequest request = conversation(Message.of(Message.Role.ASSISTANT, blocks));

        EncodedChat written = encoded(LATEST, request, false);

        assertThat(new String(written.body(), StandardCharsets.UTF_8))
                .contains(
                        "{\"role\":\"assistant\",\"content\":[{\"type\":\"text\",\"text\":\"So\"},{\"type\":\"fallback\"}]}");
        assertThat(written.notes())
                .hasSize(2)
                .allSatisfy(note -> assertThat(note.message()).contains("another model took over"));
    }

    @Test
    void content_that_another_service_made_is_left_out_with_a_note() {
        Provenance elsewhere = new Provenance(Provenance.ANTHROPIC, "other.test", "claude-opus-5-5");
        List<Message.Block> blocks = List.of(
                new Message.Block(
                        ContentPart.opaque(Provenance.ANTHROPIC, "compaction", "{\"type\":\"compaction\"}"),
                        elsewhere,
                        null),
                new Message.Block(ContentPart.text("So"), elsewhere, null));

        EncodedChat written = encoded(LATEST, conversation(Message.of(Message.Role.ASSISTANT, blocks)), false);

        assertThat(new String(written.body(), StandardCharsets.UTF_8)).doesNotContain("compaction");
        assertThat(written.notes())
                .singleElement()
                .satisfies(note -> assertThat(note.message())
                        .isEqualTo("1 block of type compaction was not sent to claude at api.test: only"
                                + " claude-opus-5-5 at other.test can read it."));
    }

    @Test
    void content_in_the_form_of_the_protocol_is_written_as_it_is() {
        String document = "{ \"type\":\"document\", \"source\":{\"type\":\"text\",\"data\":\"\\u00e9\"} }";
        ChatRequest request = ChatRequest.builder()
                .message(Message.user(List.of(ContentPart.opaque(Provenance.ANTHROPIC, "document", document))))
                .build();

        assertThat(json(request)).contains("\"content\":[" + document + "]");
    }

    private static ChatRequest conversation(Message last) {
        return ChatRequest.builder().user("Hi").message(last).user("Go on.").build();
    }

    private static void rejected(ChatRequest request, String param) {
        assertThatThrownBy(() -> json(request)).isInstanceOfSatisfying(InvalidRequestException.class, failure -> {
            assertThat(failure.param()).isEqualTo(param);
            assertThat(failure.fix()).isNotBlank();
        });
    }

    private static String json(ChatRequest request) {
        return json(request, false);
    }

    private static String json(ChatRequest request, boolean stream) {
        return new String(encoded(LATEST, request, stream).body(), StandardCharsets.UTF_8);
    }

    private static String json(ChatRequest request, ModelCard card) {
        Provenance here = new Provenance(Provenance.ANTHROPIC, "api.test", card.id());
        return new String(
                LATEST.encode(request, new EncodeTarget(here, true, false, card))
                        .body(),
                StandardCharsets.UTF_8);
    }

    private static EncodedChat encoded(Protocol protocol, ChatRequest request, boolean stream) {
        Provenance here = new Provenance(Provenance.ANTHROPIC, "api.test", "claude");
        return protocol.encode(request, new EncodeTarget(here, true, stream, CARDS.of(here.model())));
    }
}
