package dev.kimi.langchain4j;

import static org.assertj.core.api.Assertions.assertThat;

import dev.langchain4j.model.chat.request.json.JsonAnyOfSchema;
import dev.langchain4j.model.chat.request.json.JsonArraySchema;
import dev.langchain4j.model.chat.request.json.JsonNullSchema;
import dev.langchain4j.model.chat.request.json.JsonObjectSchema;
import dev.langchain4j.model.chat.request.json.JsonRawSchema;
import dev.langchain4j.model.chat.request.json.JsonReferenceSchema;
import dev.langchain4j.model.chat.request.json.JsonStringSchema;
import java.util.List;
import java.util.Map;
import org.junit.jupiter.api.Test;

class SchemasTest {

    private static final JsonObjectSchema ALL = JsonObjectSchema.builder()
            .description("a \"tree\"\n")
            .addStringProperty("name", "how it is called")
            .addIntegerProperty("age")
            .addNumberProperty("height")
            .addBooleanProperty("alive")
            .addEnumProperty("kind", List.of("oak", "elm"))
            .addProperty(
                    "branches",
                    JsonArraySchema.builder()
                            .items(JsonReferenceSchema.builder()
                                    .reference("branch")
                                    .build())
                            .build())
            .addProperty(
                    "note",
                    JsonAnyOfSchema.builder()
                            .anyOf(new JsonStringSchema(), new JsonNullSchema())
                            .build())
            .addProperty("raw", JsonRawSchema.from("{\"type\":\"string\",\"minLength\":1}"))
            .required("name")
            .definitions(Map.of(
                    "branch",
                    JsonObjectSchema.builder().addIntegerProperty("length").build()))
            .build();

    private static final String TEXT = """
            {"type":"object","description":"a \\"tree\\"\\u000a","properties":{\
            "name":{"type":"string","description":"how it is called"},"age":{"type":"integer"},\
            "height":{"type":"number"},"alive":{"type":"boolean"},"kind":{"type":"string","enum":["oak","elm"]},\
            "branches":{"type":"array","items":{"$ref":"#/$defs/branch"}},\
            "note":{"anyOf":[{"type":"string"},{"type":"null"}]},"raw":{"type":"string","minLength":1}},\
            "required":["name"]%s,"$defs":{"branch":{"type":"object","properties":{"length":{"type":"integer"}}%s}}}""";

    @Test
    void every_kind_of_schema_is_written_as_json_schema() {
        assertThat(Schemas.ofTool(ALL, false)).isEqualTo(TEXT.formatted("", ""));
    }

    @Test
    void objects_of_a_response_format_and_of_a_strict_tool_are_closed() {
        String closed = ",\"additionalProperties\":false";

        assertThat(Schemas.ofFormat(ALL)).isEqualTo(TEXT.formatted(closed, closed));
        assertThat(Schemas.ofTool(ALL, true)).isEqualTo(TEXT.formatted(closed, closed));
        assertThat(Schemas.ofTool(
                        JsonObjectSchema.builder().additionalProperties(true).build(), false))
                .isEqualTo("{\"type\":\"object\",\"properties\":{},\"additionalProperties\":true}");
    }

    @Test
    void a_tool_without_parameters_takes_an_empty_object() {
        assertThat(Schemas.ofTool(null, false)).isEqualTo("{\"type\":\"object\",\"properties\":{}}");
    }
}
