package dev.kimi.internal.protocol;

import static org.assertj.core.api.Assertions.assertThat;
import static org.assertj.core.api.Assertions.assertThatThrownBy;

import dev.kimi.chat.ChatRequest;
import dev.kimi.chat.ChatResponse.Note;
import dev.kimi.chat.Provenance;
import dev.kimi.chat.Tool;
import dev.kimi.error.InvalidRequestException;
import dev.kimi.internal.model.ModelCards;
import dev.kimi.internal.protocol.anthropic.MessagesProtocol;
import dev.kimi.internal.protocol.openai.OpenAiProtocol;
import java.nio.charset.StandardCharsets;
import java.util.List;
import org.junit.jupiter.api.Test;
import org.junit.jupiter.params.ParameterizedTest;
import org.junit.jupiter.params.provider.CsvSource;
import org.junit.jupiter.params.provider.ValueSource;

/** Schemas of tools on their way to models that want Moonshot's flavour. Quotes are written as ' here. */
class ToolSchemasTest {

    private static final ModelCards CARDS = new ModelCards.Settings().cards();

    private final ToolSchemas schemas = ToolSchemas.normalised();

    @ParameterizedTest
    @ValueSource(
            strings = {
                "{'type':'object','properties':{}}",
                "{ 'type' : 'object', 'properties' : {'a':{'type':['string','null']}} , 'required':['a']}",
                "{'type':'object','properties':{'title':{'type':'string'},'format':{'type':'string'}}}",
                "{'type':'object','properties':{'a':{'anyOf':[{'type':'string'},{'type':'null'}]}}}",
                "{'type':'object','properties':{'a':{'type':'array','items':{'type':'string'}},'n':{'type':'number','default':1.50}}}",
                "{'type':'object','$defs':{'unused':{'type':'string'}}}",
                "{'type':'object','properties':{'a':{'type':'object','default':{'$ref':'no','title':'no'}}}}",
                "{'type':'object','properties':{'a':{'$ref':'https://elsewhere.test/schema'},'b':{'$ref':'#/$defs/no'}}}",
                "[1]",
                "{'type':"
            })
    void what_is_allowed_or_beyond_repair_stays_byte_for_byte(String schema) {
        assertThat(schema(schema)).isEqualTo(schema);
    }

    @ParameterizedTest
    @CsvSource(
            delimiter = '|',
            quoteCharacter = '~',
            value = {
                // a definition in both places, with members beside the reference, which win
                "{'type':'object','properties':{'a':{'$ref':'#/$defs/d','description':'mine'}},'$defs':{'d':{'type':'string','description':'its'}}}"
                        + "|{'type':'object','properties':{'a':{'type':'string','description':'mine'}}}"
                        + "|1 reference was written out",
                "{'type':'object','properties':{'a':{'$ref':'#/definitions/d'},'b':{'$ref':'#/definitions/d'}},'definitions':{'d':{'type':'string'}}}"
                        + "|{'type':'object','properties':{'a':{'type':'string'},'b':{'type':'string'}}}"
                        + "|2 references were written out",
                // by way of another, to a place that is no definition, with escapes
                "{'type':'object','properties':{'a':{'$ref':'#/$defs/x'},'b':{'$ref':'#/properties/a~1b'},'a/b':{'type':'number'}},'$defs':{'x':{'$ref':'#/$defs/y'},'y':{'type':'null'}}}"
                        + "|{'type':'object','properties':{'a':{'type':'null'},'b':{'type':'number'},'a/b':{'type':'number'}}}"
                        + "|3 references were written out",
                // the whole schema
                "{'$ref':'#/$defs/d','$defs':{'d':{'type':'object','properties':{}}}}"
                        + "|{'type':'object','properties':{}}|1 reference was written out",
                // types, from values and keywords
                "{'properties':{'a':{'enum':['x','y']},'b':{'const':1},'c':{'minimum':1.5},'d':{'items':{'type':'string'}},'e':{'pattern':'x'},'f':{'properties':{}}}}"
                        + "|{'type':'object','properties':{'a':{'type':'string','enum':['x','y']},'b':{'type':'integer','const':1},'c':{'type':'number','minimum':1.5},'d':{'type':'array','items':{'type':'string'}},'e':{'type':'string','pattern':'x'},'f':{'type':'object','properties':{}}}}"
                        + "|7 types were added",
                "{'type':'object','properties':{'a':{'enum':['x',null,2]}}}"
                        + "|{'type':'object','properties':{'a':{'anyOf':[{'type':'string','enum':['x']},{'type':'null'},{'type':'integer','enum':[2]}]}}}"
                        + "|1 type was added",
                "{'type':'object','properties':{'a':{'oneOf':[{'type':'string'},{'minItems':1}]},'b':{'allOf':[{'type':'string'}]}}}"
                        + "|{'type':'object','properties':{'a':{'anyOf':[{'type':'string'},{'type':'array','minItems':1}]},'b':{'type':'string','allOf':[{'type':'string'}]}}}"
                        + "|3 types were added",
                // branches are of the type that stands above them
                "{'type':'object','anyOf':[{'required':['a']},{'description':'b'}]}"
                        + "|{'type':'object','anyOf':[{'type':'object','required':['a']},{'type':'object','description':'b'}]}"
                        + "|2 types were added",
                // anything
                "{'type':'object','properties':{'a':{'description':'any'},'b':true}}"
                        + "|{'type':'object','properties':{'a':{'description':'any','anyOf':[{'type':'string'},{'type':'number'},{'type':'boolean'},{'type':'object'},{'type':'array'},{'type':'null'}]},'b':{'anyOf':[{'type':'string'},{'type':'number'},{'type':'boolean'},{'type':'object'},{'type':'array'},{'type':'null'}]}}}"
                        + "|2 types were added",
                // keywords
                "{'$schema':'x','title':'T','type':'object','properties':{'title':{'format':'date','description':'Day'},'n':{'type':'integer','exclusiveMinimum':0,'exclusiveMaximum':9}}}"
                        + "|{'type':'object','properties':{'title':{'type':'string','description':'Day (format: date)'},'n':{'type':'integer','description':'greater than 0, less than 9'}}}"
                        + "|1 type was added; $schema, exclusiveMaximum, exclusiveMinimum, format, title left out or said otherwise"
            })
    void what_is_rejected_is_brought_into_a_form_that_is_not(String schema, String written, String changes) {
        Omissions omissions = new Omissions(target(new Provenance(Provenance.OPENAI, "kimi.test", "kimi-k3"))
                .here());

        assertThat(schemas.of(tool(schema), target("kimi-k3"), omissions).replace('"', '\''))
                .isEqualTo(written);
        assertThat(omissions.notes())
                .containsExactly(new Note(
                        Note.SCHEMA_CHANGED,
                        "The schema of the tool look was changed for kimi-k3 at kimi.test: " + changes + "."));
    }

    @ParameterizedTest
    @CsvSource(
            delimiter = '|',
            quoteCharacter = '~',
            value = {
                "{'type':'object','properties':{'next':{'$ref':'#'}}}|#",
                "{'type':'object','properties':{'a':{'$ref':'#/$defs/n'}},'$defs':{'n':{'type':'object','properties':{'b':{'$ref':'#/$defs/m'}}},'m':{'anyOf':[{'$ref':'#/$defs/n'},{'type':'null'}]}}}|#/$defs/n",
                "{'type':'object','properties':{'a':{'type':'array','items':{'$ref':'#/properties/a'}}}}|#/properties/a",
                "{'type':'object','properties':{'a':{'$ref':'#/$defs/n'}},'$defs':{'n':{'$ref':'#/$defs/n'}}}|#/$defs/n"
            })
    void a_schema_that_refers_to_itself_is_rejected_with_the_name_of_its_tool(String schema, String where) {
        assertThatThrownBy(() -> schema(schema))
                .isInstanceOfSatisfying(
                        InvalidRequestException.class,
                        failure -> assertThat(failure.param()).isEqualTo("tools"))
                .hasMessage("The schema of the tool look refers to itself at " + where + ", so that its references"
                        + " cannot be written out. Give a schema without recursion, or leave schemas as they are"
                        + " (kimi.tool-schemas: as-is).");
    }

    @Test
    void a_tool_whose_schema_a_framework_made_is_brought_into_form_or_goes_as_it_is() {
        String schema = "{\"type\":\"object\",\"properties\":{\"n\":{\"type\":\"integer\",\"format\":\"int32\"}}}";
        String recursive = "{\"type\":\"object\",\"properties\":{\"next\":{\"$ref\":\"#\"}}}";

        for (ToolSchemas each : List.of(ToolSchemas.AS_IS, schemas)) {
            Omissions omissions = new Omissions(target("kimi-k3").here());
            assertThat(each.of(Tool.function("look", "", schema).normalised(), target("kimi-k3"), omissions))
                    .doesNotContain("\"format\"");
            assertThat(omissions.notes()).extracting(Note::code).containsExactly(Note.SCHEMA_CHANGED);
            assertThat(each.of(Tool.function("look", "", recursive).normalised(), target("kimi-k3"), omissions))
                    .isEqualTo(recursive);
            assertThat(each.of(Tool.function("look", "", schema).normalised(), target("claude-opus-5-5"), omissions))
                    .isEqualTo(schema);
        }
        assertThat(Tool.function("look", "", schema).normalised().strict(true).hasNormalisedSchema())
                .isTrue();
    }

    @Test
    void a_schema_that_grows_beyond_measure_or_is_nested_too_deeply_is_rejected() {
        for (String schema : List.of(chain(30, 2), chain(40, 1), chain(400, 1))) {
            assertThatThrownBy(() -> schema(schema))
                    .isInstanceOf(InvalidRequestException.class)
                    .hasMessageStartingWith("The schema of the tool look is too large once");
        }
    }

    /** Definitions that refer to the one before, so many times. */
    private static String chain(int length, int times) {
        StringBuilder definitions = new StringBuilder("'d0':{'type':'string'}");
        for (int i = 1; i < length; i++) {
            definitions.append(",'d").append(i).append("':{'type':'object','properties':{");
            for (int j = 0; j < times; j++) {
                definitions
                        .append(j == 0 ? "" : ",")
                        .append("'p")
                        .append(j)
                        .append("':{'$ref':'#/$defs/d")
                        .append(i - 1)
                        .append("'}");
            }
            definitions.append("}}");
        }
        return "{'type':'object','properties':{'a':{'$ref':'#/$defs/d" + (length - 1) + "'}},'$defs':{" + definitions
                + "}}";
    }

    @ParameterizedTest
    @CsvSource({"kimi-k3, true", "kimi-k9, true", "kimi-k3.1-pro, true", "claude-opus-5-5, false", "other, false"})
    void the_card_says_whether_the_model_wants_it_over_either_protocol(String model, boolean changed) {
        ChatRequest request = ChatRequest.builder()
                .user("Hi")
                .tool(tool("{'type':'object','properties':{'a':{'enum':['x']}}}"))
                .build();

        for (Protocol protocol : protocols(schemas)) {
            EncodedChat written = protocol.encode(request, target(provenance(protocol, model)));
            assertThat(text(written).contains("{\"type\":\"string\",\"enum\":[\"x\"]}"))
                    .isEqualTo(changed);
            assertThat(written.notes()).hasSize(changed ? 1 : 0);
            assertThat(text(protocol.encode(request, target(provenance(protocol, model)))))
                    .isEqualTo(text(written));
        }
        for (Protocol protocol : protocols(ToolSchemas.AS_IS)) {
            EncodedChat written = protocol.encode(request, target(provenance(protocol, model)));
            assertThat(text(written)).contains("{\"enum\":[\"x\"]}");
            assertThat(written.notes()).isEmpty();
        }
    }

    @Test
    void a_schema_is_written_once_for_all_requests() {
        Tool tool = tool("{'type':'object','properties':{'a':{'enum':['x']}}}");
        Tool same = tool("{'type':'object','properties':{'a':{'enum':['x']}}}");
        Omissions omissions = new Omissions(target("kimi-k3").here());

        String first = schemas.of(tool, target("kimi-k3"), omissions);

        assertThat(schemas.of(same, target("kimi-k2.6"), omissions)).isSameAs(first);
        assertThat(omissions.notes()).hasSize(2);
    }

    private String schema(String schema) {
        Omissions omissions = new Omissions(target("kimi-k3").here());
        String written = schemas.of(tool(schema), target("kimi-k3"), omissions).replace('"', '\'');
        assertThat(omissions.notes()).isEmpty();
        return written;
    }

    private static Tool tool(String schema) {
        return Tool.function("look", "", schema.replace('\'', '"'));
    }

    private static List<Protocol> protocols(ToolSchemas schemas) {
        return List.of(
                new OpenAiProtocol(schemas),
                new MessagesProtocol("2026-10-21", List.of(), MessagesProtocol.Mismatch.ERROR, schemas));
    }

    private static Provenance provenance(Protocol protocol, String model) {
        return new Provenance(protocol.name(), "kimi.test", model);
    }

    private static EncodeTarget target(String model) {
        return target(new Provenance(Provenance.OPENAI, "kimi.test", model));
    }

    private static EncodeTarget target(Provenance here) {
        return new EncodeTarget(here, true, false, CARDS.of(here.model()));
    }

    private static String text(EncodedChat written) {
        return new String(written.body(), StandardCharsets.UTF_8);
    }
}
