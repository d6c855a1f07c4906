package dev.kimi;

import static org.assertj.core.api.Assertions.assertThat;
import static org.assertj.core.api.Assertions.assertThatThrownBy;
import static org.assertj.core.api.Assertions.catchThrowableOfType;

import dev.kimi.KimiClientBuilder.Part;
import dev.kimi.error.ConfigurationException;
import org.junit.jupiter.api.Test;
import org.junit.jupiter.params.ParameterizedTest;
import org.junit.jupiter.params.provider.ValueSource;

class KimiClientBuilderTest {

    private final ClientFixture fixture = new ClientFixture(body -> ClientFixture.Reply.text("sky"));

    private static ConfigurationException failureOf(KimiClientBuilder builder) {
        return catchThrowableOfType(ConfigurationException.class, builder::build);
    }

    @Test
    void a_missing_key_says_where_to_put_it() {
        ConfigurationException failure = failureOf(KimiClient.builder().transport(fixture));
        assertThat(failure.setting()).isEqualTo("kimi.api-key");
        assertThat(failure.fix()).contains("KIMI_API_KEY");
    }

    @ParameterizedTest
    @ValueSource(strings = {"sk-two words", "sk-line\nbreak", "sk-ключ"})
    void a_key_that_cannot_stand_in_a_header_is_refused_without_showing_it(String key) {
        ConfigurationException failure =
                failureOf(KimiClient.builder().transport(fixture).apiKey(key));
        assertThat(failure).hasMessageNotContaining("sk-");
    }

    @Test
    void blanks_around_a_key_are_dropped() {
        KimiClient.builder().transport(fixture).apiKey(" sk-test\n").build().close();
    }

    @Test
    void an_unknown_provider_is_answered_with_the_names_there_are() {
        ConfigurationException failure = failureOf(fixture.builder().provider(Part.RETRY, "standrad"));
        assertThat(failure.setting()).isEqualTo("kimi.retry.preset");
        assertThat(failure.problem()).contains("standrad");
        assertThat(failure.fix()).contains("classic", "never", "standard");
    }

    @Test
    void a_client_without_any_transport_says_which_jar_to_add() {
        assertThat(failureOf(KimiClient.builder().apiKey("sk-test")).fix()).contains("kimi-transport-vertx");
    }

    @Test
    void clear_text_leaves_the_machine_only_when_allowed() {
        assertThat(failureOf(fixture.builder().baseUrl("http://gateway.example"))
                        .setting())
                .isEqualTo("kimi.base-url");
        fixture.builder()
                .baseUrl("http://gateway.example")
                .allowInsecure(true)
                .build()
                .close();
        fixture.builder().baseUrl("http://127.0.0.1:8080").build().close();
        fixture.builder().baseUrl("http://localhost:8080").build().close();
        fixture.builder().baseUrl("http://[::1]:8080").build().close();
    }

    @ParameterizedTest
    @ValueSource(
            strings = {
                "",
                "api.moonshot.ai",
                "ftp://api.moonshot.ai",
                "https://",
                "https://a b",
                "https://h/?k=1",
                "https://h/#x"
            })
    void a_base_url_that_is_none_is_refused(String url) {
        assertThatThrownBy(() -> KimiClient.builder().baseUrl(url)).isInstanceOf(ConfigurationException.class);
    }

    @Test
    void a_base_url_with_a_password_is_refused_without_showing_it() {
        assertThatThrownBy(() -> KimiClient.builder().baseUrl("https://user:hunter2@h"))
                .isInstanceOf(ConfigurationException.class)
                .hasMessageNotContaining("hunter2");
    }

    @Test
    void settings_are_checked_when_the_client_is_made() {
        assertThat(failureOf(fixture.builder().set(Part.BATCH, "max-batch-size", "many"))
                        .setting())
                .isEqualTo("kimi.batch.max-batch-size");
        assertThat(failureOf(fixture.builder().set(Part.RETRY, "max-attempts", "0"))
                        .setting())
                .isEqualTo("kimi.retry.max-attempts");
        assertThat(failureOf(fixture.builder().set(Part.QUOTA, "tokens-per-minute", "2G"))
                        .setting())
                .isEqualTo("kimi.quota.tokens-per-minute");
        assertThat(failureOf(fixture.builder().set(Part.RETRY, "retry-after-ceiling", "soon"))
                        .setting())
                .isEqualTo("kimi.retry.retry-after-ceiling");
    }

    @Test
    void a_trailing_slash_and_version_are_the_clients_business() {
        assertThat(BaseUrl.parse("https://api.moonshot.cn/v1/")).hasToString("https://api.moonshot.cn");
        assertThat(BaseUrl.parse("https://gateway.example/kimi/v1")).hasToString("https://gateway.example/kimi");
    }
}
