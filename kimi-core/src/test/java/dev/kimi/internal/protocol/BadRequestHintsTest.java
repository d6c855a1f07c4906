package dev.kimi.internal.protocol;

import static org.assertj.core.api.Assertions.assertThat;
import static org.assertj.core.api.Assertions.assertThatThrownBy;

import dev.kimi.error.InvalidRequestException;
import dev.kimi.error.KimiException;
import dev.kimi.internal.json.DataFile;
import dev.kimi.internal.util.Resource;
import java.nio.ByteBuffer;
import java.nio.charset.StandardCharsets;
import java.util.ArrayList;
import java.util.List;
import java.util.regex.Pattern;
import org.junit.jupiter.api.Test;
import org.junit.jupiter.params.ParameterizedTest;
import org.junit.jupiter.params.provider.CsvSource;

/** The hints are data and not code: they are whole, and what does not belong in them is found. */
class BadRequestHintsTest {

    private static final String HINTS = "bad-request-hints.json";

    @ParameterizedTest
    @CsvSource(
            delimiter = '|',
            value = {
                "\"rules\"|\"rows\"|rules is missing",
                "\"too-long\"|\"more\": 1, \"too-long\"|unknown members [more]",
                "[\"smaller\", \"shorter\"]|[\"smaller\", \"shortest\"]|there is no fix shortest",
                "\"fix\": \"effort\"|\"fix\": \"efort\"|there is no fix efort",
                "\"fix\": \"effort\"|\"fix\": \"effort\", \"parm\": \"x\"|rules[9]: unknown members [parm]"
            })
    void bad_request_hints_with_a_mistake_are_not_read(String right, String wrong, String message) {
        assertThatThrownBy(() -> BadRequestHints.of(changed(HINTS, right, wrong)))
                .isInstanceOf(IllegalStateException.class)
                .hasMessageContaining(message);
    }

    @Test
    void every_fix_is_given_by_a_rule_or_for_a_status() {
        DataFile data = DataFile.read(BadRequestHints.class, HINTS);
        List<String> used = new ArrayList<>(List.of("redirect", "model", "address", "no-count", "smaller"));
        data.objects("rules").forEach(rule -> used.add(rule.text("fix")));

        assertThat(data.object("fixes").names())
                .allSatisfy(fix -> assertThat(used).contains(fix));
    }

    @ParameterizedTest
    @CsvSource({
        "302, 'moved', , redirect, false",
        "404, 'The model is unknown', model, model, false",
        "404, 'no such page', , address, false",
        "413, 'too much', , smaller, true",
        "400, 'Invalid request: stop array too long', stop, stops, false",
        "400, 'the total message size is over the limit', messages, smaller, true",
        "400, 'your prompt is too long', messages, shorter, true",
        "400, 'max_tokens: Field required', max_tokens, cap, false",
        "400, 'messages.1.content.0: Invalid `signature` in `thinking` block. The block is bound to a different"
                + " conversation.', messages, prefix, false",
        "400, 'messages.1.content.0: Invalid `signature` in `thinking` block', messages, replay, false",
        "400, '`tool_use` ids were found without `tool_result` blocks immediately after: toolu_1', messages, results,"
                + " false",
        "400, 'This model does not support assistant message prefill.', messages, prefill, false",
        "400, 'A maximum of 4 blocks with cache_control may be provided. Found 5.', cache_control, breakpoints, false",
        "400, 'tool_choice: type `tool` and `any` are not supported for this model.', tool_choice, tool-choice-auto,"
                + " false",
        "400, '`thinking.type.disabled` is not supported for this model.', thinking, thinking, false",
        "400, 'output_config.effort `xhigh` is not supported', output_config, effort, false",
        "400, 'block_binding: Extra inputs are not permitted', , beta, false",
        "400, 'something else is wrong', , , false"
    })
    void the_first_rule_whose_words_are_found_counts(
            int status, String said, String param, String fix, boolean tooLong) {
        ErrorBody body = ErrorBodyReader.parse(
                ByteBuffer.wrap(("{\"error\":{\"message\":\"" + said + "\"}}").getBytes(StandardCharsets.UTF_8)));

        KimiException failure = BadRequestHints.explain(status, "Rejected.", body, KimiException.Details.NONE, false);

        String text = fix == null
                ? null
                : DataFile.read(BadRequestHints.class, HINTS).object("fixes").text(fix);
        assertThat(failure).hasMessage("Rejected. " + (text == null ? "Change the request." : text));
        assertThat(failure).isInstanceOfSatisfying(InvalidRequestException.class, rejected -> {
            assertThat(rejected.param()).isEqualTo(param);
            assertThat(rejected.fix()).isEqualTo(text);
            assertThat(rejected.reason() == InvalidRequestException.Reason.TOO_LONG)
                    .isEqualTo(tooLong);
        });
    }

    private static DataFile changed(String resource, String right, String wrong) {
        String text = new String(Resource.bytes(BadRequestHintsTest.class, resource), StandardCharsets.UTF_8);
        assertThat(text).contains(right);
        return DataFile.of(
                resource, text.replaceFirst(Pattern.quote(right), wrong).getBytes(StandardCharsets.UTF_8));
    }
}
