package dev.kimi.internal.util;

import static org.assertj.core.api.Assertions.assertThat;

import org.junit.jupiter.api.Test;
import org.junit.jupiter.params.ParameterizedTest;
import org.junit.jupiter.params.provider.CsvSource;
import org.junit.jupiter.params.provider.ValueSource;

class ErrorTextRedactorTest {

    @ParameterizedTest
    @ValueSource(
            strings = {
                "invalid temperature: only 1 is allowed for this model",
                "Incorrect API key provided",
                "Invalid API key",
                "max RPM: 3, please try again after 1 seconds",
                "tool_choice 'specified' is incompatible with thinking enabled",
                "the message at position 4 with role 'assistant' must not be empty",
                "messages.0.content is required",
                "20,000 input tokens per minute"
            })
    void the_vocabulary_of_errors_is_shown(String message) {
        assertThat(ErrorTextRedactor.of(message)).isEqualTo(message);
    }

    @ParameterizedTest
    @CsvSource(
            delimiter = '|',
            value = {
                "Incorrect API key provided: sk-abc0123 | Incorrect API key provided: …",
                "invalid input \"what is it\" in the request | invalid input … in the request",
                "invalid input `please cancel it` in the request | invalid input … in the request",
                "invalid input 'please cancel the order' in the request | invalid input … in the request",
                "invalid input “please cancel the order” in the request | invalid input … in the request",
                "the service at 10.20.30.40 is not available | the service at … is not available",
                "the number 4111111111111111 is not valid here | the number … is not valid …",
                "the to\u212Aen is not valid for this model | the … is not valid for this model"
            })
    void what_may_be_the_callers_is_masked(String message, String shown) {
        assertThat(ErrorTextRedactor.of(message)).isEqualTo(shown);
    }

    @ParameterizedTest
    @ValueSource(
            strings = {
                "\u001b[31m",
                "\u202Etoken",
                "to\u0000ken",
                "to\u200Bken",
                "\u0007error",
                "request\u0085",
                "error\u2028error",
                "\uD83D"
            })
    void what_controls_a_terminal_is_masked(String word) {
        assertThat(ErrorTextRedactor.of("the request is not valid: " + word)).isEqualTo("the request is not valid: …");
        assertThat(ErrorTextRedactor.isHarmless("the request is not valid: " + word))
                .isFalse();
    }

    @Test
    void a_text_that_is_mostly_masked_is_not_shown() {
        assertThat(ErrorTextRedactor.of("dog cat bird error")).isNull();
        assertThat(ErrorTextRedactor.of("余额不足")).isNull();
        assertThat(ErrorTextRedactor.of(" ")).isNull();
        assertThat(ErrorTextRedactor.of(null)).isNull();
    }

    @ParameterizedTest
    @CsvSource({
        "rate_limit_reached_error, true",
        "RateLimitReached, true",
        "data_inspection_failed, true",
        "invalid-argument, true",
        "1113, true",
        "APIError, true",
        "dog_error, false",
        "sk-abc0123456789, false",
        "'rate limit', false",
        "errоr, false"
    })
    void a_name_is_shown_when_its_parts_are_words(String name, boolean shown) {
        assertThat(ErrorTextRedactor.isHarmlessName(name)).isEqualTo(shown);
        assertThat(ErrorTextRedactor.isHarmlessName("error_".repeat(20))).isFalse();
    }
}
