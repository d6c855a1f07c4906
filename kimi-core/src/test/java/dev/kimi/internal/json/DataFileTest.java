package dev.kimi.internal.json;

import static org.assertj.core.api.Assertions.assertThat;
import static org.assertj.core.api.Assertions.assertThatThrownBy;

import java.nio.charset.StandardCharsets;
import java.util.List;
import org.junit.jupiter.api.Test;
import org.junit.jupiter.params.ParameterizedTest;
import org.junit.jupiter.params.provider.CsvSource;
import org.junit.jupiter.params.provider.ValueSource;

class DataFileTest {

    @Test
    void members_are_read_once_by_name_and_type() {
        DataFile data = data("{'a': 'x', 'b': 7, 'e': ['y', 'z'], 'f': [{'g': '1'}], 'h': {'i': '2'}}");

        assertThat(data.names()).containsExactly("a", "b", "e", "f", "h");
        assertThat(data.text("a")).isEqualTo("x");
        assertThat(data.textOrNull("missing")).isNull();
        assertThat(data.value("b")).isEqualTo(7L);
        assertThat(data.texts("e")).containsExactly("y", "z");
        assertThat(data.objects("f").get(0).text("g")).isEqualTo("1");
        assertThat(data.object("h").text("i")).isEqualTo("2");
        data.end();
    }

    @Test
    void a_value_of_any_type_may_be_null() {
        DataFile data = data("{'a': null, 'b': ['x']}");

        assertThat(data.value("a")).isNull();
        assertThat(data.value("b")).isEqualTo(List.of("x"));
        assertThat(data.value("missing")).isNull();
        data.end();
    }

    @ParameterizedTest
    @ValueSource(strings = {"", "[]", "1", "{'a': 1", "{'a': 1} {}", "{'a': 1, 'a': 2}"})
    void what_is_not_one_object_is_an_error(String json) {
        assertThatThrownBy(() -> data(json))
                .isInstanceOf(IllegalStateException.class)
                .hasMessageContaining("test.json");
    }

    @ParameterizedTest
    @CsvSource(
            delimiter = '|',
            value = {
                "{'b': 'x'} | a is missing",
                "{'a': null} | a is null",
                "{'a': 1} | a is a Long",
                "{'a': 'x', 'b': 1, 'c': 2} | unknown members [b, c]"
            })
    void a_member_that_is_missing_of_another_type_or_unknown_is_an_error(String json, String message) {
        DataFile data = data(json);

        assertThatThrownBy(() -> {
                    data.text("a");
                    data.end();
                })
                .isInstanceOf(IllegalStateException.class)
                .hasMessage("test.json: " + message);
    }

    @Test
    void a_resource_that_was_not_packed_is_named() {
        assertThatThrownBy(() -> DataFile.read(DataFileTest.class, "absent.json"))
                .isInstanceOf(IllegalStateException.class)
                .hasMessageContaining("absent.json");
    }

    private static DataFile data(String json) {
        return DataFile.of("test.json", json.replace('\'', '"').getBytes(StandardCharsets.UTF_8));
    }
}
