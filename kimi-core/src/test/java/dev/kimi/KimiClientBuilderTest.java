package dev.kimi;

import static org.assertj.core.api.Assertions.assertThat;
import static org.assertj.core.api.Assertions.assertThatThrownBy;
import static org.assertj.core.api.Assertions.catchThrowable;
import static org.assertj.core.api.Assertions.catchThrowableOfType;

import dev.kimi.batch.BatchWindow;
import dev.kimi.batch.BatchWindowFactory;
import dev.kimi.chat.ChatRequest;
import dev.kimi.chat.ChatResponse;
import dev.kimi.error.ConfigurationException;
import dev.kimi.service.ServiceRequest;
import dev.kimi.spi.ProviderSettings;
import dev.kimi.time.Timeouts;
import dev.kimi.time.Timer;
import dev.kimi.time.VirtualTime;
import dev.kimi.transport.Exchange;
import dev.kimi.transport.ExchangeHandler;
import dev.kimi.transport.Transport;
import dev.kimi.transport.TransportFailure;
import dev.kimi.transport.TransportRequest;
import java.time.Duration;
import java.util.ArrayList;
import java.util.List;
import java.util.concurrent.CompletableFuture;
import java.util.concurrent.atomic.AtomicReference;
import org.junit.jupiter.api.Test;
import org.junit.jupiter.params.ParameterizedTest;
import org.junit.jupiter.params.provider.CsvSource;
import org.junit.jupiter.params.provider.MethodSource;
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
    void a_key_that_cannot_stand_in_a_header_is_rejected_without_showing_it(String key) {
        ConfigurationException failure =
                failureOf(KimiClient.builder().transport(fixture).apiKey(key));
        assertThat(failure).hasMessageNotContaining("sk-");
    }

    @ParameterizedTest
    @ValueSource(strings = {" sk-test", "sk-test\n", "\tsk-test\r\n", "\u2003sk-test\u2003"})
    void blanks_around_a_key_are_dropped(String key) {
        try (KimiClient client = KimiClient.builder()
                .transport(fixture)
                .time(fixture.time, fixture.time)
                .apiKey(key)
                .build()) {
            client.chatAsync(ChatRequest.of("Why?"));
            fixture.time.advance(Duration.ofSeconds(1));
        }
        assertThat(fixture.sent.get(0).headers().first("authorization")).isEqualTo("Bearer sk-test");
    }

    @ParameterizedTest
    @ValueSource(strings = {"", " ", "\n"})
    void a_key_of_blanks_is_none(String key) {
        ConfigurationException failure =
                failureOf(KimiClient.builder().transport(fixture).apiKey(key));
        assertThat(failure.problem()).startsWith("No API key is set");
    }

    /** How many requests a call makes whose reused connection ended in good order each time. */
    private static int requestsOnIdleClose(KimiClientBuilder builder) {
        List<TransportRequest> sent = new ArrayList<>();
        VirtualTime time = new VirtualTime();
        Transport closing = new Transport() {
            @Override
            public Exchange send(TransportRequest request, ExchangeHandler handler) {
                sent.add(request);
                time.schedule(
                        1, () -> handler.onFailure(TransportFailure.of(TransportFailure.Kind.IDLE_CLOSE, false, null)));
                return new Exchange() {
                    @Override
                    public void request(long chunks) {}

                    @Override
                    public void abort() {}
                };
            }

            @Override
            public void close() {}
        };
        try (KimiClient client =
                builder.apiKey("sk-test").transport(closing).time(time, time).build()) {
            client.chatAsync(ChatRequest.of("Why?"));
            time.advance(Duration.ofSeconds(1));
        }
        return sent.size();
    }

    @Test
    void a_request_is_replayed_on_an_idle_close_unless_that_is_switched_off() {
        assertThat(requestsOnIdleClose(KimiClient.builder())).isEqualTo(2);
        assertThat(requestsOnIdleClose(KimiClient.builder().replayOnIdleClose(true)))
                .isEqualTo(2);
        assertThat(requestsOnIdleClose(KimiClient.builder().replayOnIdleClose(false)))
                .isEqualTo(1);
        assertThat(requestsOnIdleClose(KimiClient.builder().set(Part.RETRY, "replay-on-idle-close", " FALSE ")))
                .isEqualTo(1);
    }

    @Test
    void a_switch_that_is_neither_on_nor_off_is_rejected() {
        ConfigurationException failure =
                failureOf(fixture.builder().set(Part.RETRY, "replay-on-idle-close", "perhaps"));
        assertThat(failure.setting()).isEqualTo("kimi.retry.replay-on-idle-close");
        assertThat(failure.fix()).isEqualTo("Write true or false.");
    }

    @Test
    void the_message_about_an_unknown_provider_lists_the_names_there_are() {
        ConfigurationException failure = failureOf(fixture.builder().provider(Part.RETRY, "standrad"));
        assertThat(failure.setting()).isEqualTo("kimi.retry.preset");
        assertThat(failure.problem()).contains("standrad");
        assertThat(failure.fix()).contains("classic", "never", "standard");
    }

    static List<Part<?>> parts() {
        return Part.all();
    }

    @ParameterizedTest
    @CsvSource({
        "retry, max-atempts, Did you mean kimi.retry.max-attempts?",
        "retry, retry-on-idle-close, Did you mean kimi.retry.replay-on-idle-close?",
        "retry, delay-max, Did you mean kimi.retry.max-delay?",
        "auth, apikey, Did you mean kimi.api-key?",
        "batch, max-batchsize, Did you mean kimi.batch.max-batch-size?",
        "quota, burstiness-factor, 'Remove it, or write one of those below kimi.quota: concurrency, "
                + "requests-per-minute, tokens-per-minute.'"
    })
    void a_setting_that_no_provider_reads_is_rejected_with_a_suggestion(String prefix, String typo, String fix) {
        Part<?> part = Part.all().stream()
                .filter(each -> each.prefix().equals(prefix))
                .findFirst()
                .orElseThrow();

        ConfigurationException failure = failureOf(
                KimiClient.builder().transport(fixture).apiKey("sk-test").set(part, typo, "7"));

        assertThat(failure.setting()).isEqualTo("kimi." + prefix + "." + typo);
        assertThat(failure.problem()).isEqualTo("There is no setting kimi." + prefix + "." + typo + ".");
        assertThat(failure.fix()).isEqualTo(fix);
    }

    /** Programs switch providers and leave the settings of the other. */
    @Test
    void a_setting_that_another_provider_reads_is_no_typo() {
        fixture.builder()
                .provider(Part.RETRY, "never")
                .set(Part.RETRY, "multiplier", "3")
                .provider(Part.BATCH, "fixed")
                .set(Part.BATCH, "throughput-target", "20")
                .build()
                .close();
    }

    @ParameterizedTest
    @MethodSource("parts")
    void a_part_says_which_setting_names_its_provider_and_where_the_others_are(Part<?> part) {
        try (Timer timer = Timer.wheel("test")) {
            ProviderSettings settings = part.settings(timer).build();

            assertThat(failureOf(KimiClient.builder().apiKey("sk-test").provider(part, "no-such"))
                            .setting())
                    .isEqualTo("kimi." + part.selector());
            assertThat(settings.fullName("x")).isEqualTo("kimi." + part.prefix() + ".x");
            assertThat(part.selector()).startsWith(part.prefix() + ".");
        }
    }

    @Test
    void an_unknown_transport_fails_with_the_setting_that_names_it() {
        assertThatThrownBy(() -> Part.TRANSPORT.factory("no-such"))
                .isInstanceOfSatisfying(
                        ConfigurationException.class,
                        failure -> assertThat(failure.setting()).isEqualTo("kimi.transport.provider"));
    }

    @ParameterizedTest
    @ValueSource(strings = {"500ms", "1500ms", "2s", "90s", "15m", "3h", "7d"})
    void a_time_is_written_as_it_is_read(String written) {
        ProviderSettings settings = ProviderSettings.builder("kimi.test", new VirtualTime())
                .set("limit", written)
                .build();

        assertThat(ProviderSettings.text(settings.duration("limit", Duration.ZERO)))
                .isEqualTo(written);
    }

    @ParameterizedTest
    @ValueSource(strings = {"Authorization", "HOST", "te", "proxy-authorization", "x-api-key", "x-other", "accept"})
    void a_header_is_reserved_if_a_request_may_not_have_it(String name) {
        Throwable failure = catchThrowable(() -> ServiceRequest.get("/v1/files").header(name, "x"));

        assertThat(ServiceRequest.isReserved(name)).isEqualTo(failure != null);
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
                "http://localhost.example",
                "http://127.0.0.1.example",
                "http://127example",
                "http://0.0.0.0",
                "http://[::ffff:10.0.0.1]",
                "HTTP://gateway.example"
            })
    void what_only_looks_like_this_machine_is_not_this_machine(String url) {
        assertThat(failureOf(fixture.builder().baseUrl(url)).fix()).contains("kimi.allow-insecure");
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
                "https://h/#x",
                "https://h:0",
                "https://h:65536",
                "https://h:-1",
                "https://h/\u010A",
                "https://h\r\nx",
                "https://",
                "//h",
                "https:///v1"
            })
    void a_base_url_that_is_none_is_rejected(String url) {
        assertThatThrownBy(() -> KimiClient.builder().baseUrl(url)).isInstanceOf(ConfigurationException.class);
    }

    @ParameterizedTest
    @ValueSource(strings = {"https://user:hunter2@h", "https://hunter2@h", "https://@h", "https://user:hunter2@h_h"})
    void a_base_url_with_a_password_is_rejected_without_showing_it(String url) {
        assertThatThrownBy(() -> KimiClient.builder().baseUrl(url))
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
        assertThat(failureOf(fixture.builder().model(" ")).setting()).isEqualTo("kimi.model");
    }

    @Test
    void settings_that_contradict_each_other_are_reported_when_the_client_is_made() {
        ConfigurationException failure =
                failureOf(fixture.builder().provider(Part.RETRY, "classic").set(Part.RETRY, "min-delay", "20s"));
        assertThat(failure.setting()).isEqualTo("kimi.retry.min-delay");
        assertThat(failure.fix()).contains("kimi.retry.max-delay");
    }

    @Test
    void times_that_no_clock_can_add_up_are_a_year() {
        Duration forever = Duration.ofSeconds(Long.MAX_VALUE);
        try (KimiClient client = fixture.builder()
                .timeouts(Timeouts.builder()
                        .connect(forever)
                        .poolWait(forever)
                        .headers(forever)
                        .firstEvent(forever)
                        .idle(forever)
                        .total(forever)
                        .build())
                .set(Part.RETRY, "retry-after-ceiling", "300000d")
                .build()) {
            CompletableFuture<ChatResponse> call = client.chatAsync(ChatRequest.of("Why?"));
            fixture.time.advance(Duration.ofSeconds(1));
            assertThat(call.join().text()).isEqualTo("sky");
        }
        ProviderSettings settings = ProviderSettings.builder("kimi.x", fixture.time)
                .set("age", "300000d")
                .build();
        assertThat(settings.duration("age", Duration.ofSeconds(1))).isEqualTo(Duration.ofDays(365));
    }

    @Test
    void a_part_that_breaks_while_the_client_is_made_leaves_no_timer_running() {
        AtomicReference<Timer> timer = new AtomicReference<>();
        KimiClientBuilder builder = KimiClient.builder()
                .apiKey("sk-test")
                .transport(fixture)
                .batchWindows(new BatchWindowFactory() {
                    @Override
                    public String name() {
                        return "broken";
                    }

                    @Override
                    public BatchWindow create(ProviderSettings settings) {
                        timer.set(settings.timer());
                        throw new IllegalStateException("broken on purpose");
                    }
                });

        assertThatThrownBy(builder::build).hasMessage("broken on purpose");

        assertThatThrownBy(() -> timer.get().schedule(1, () -> {})).hasMessageContaining("closed");
    }

    @Test
    void a_trailing_slash_and_version_are_the_clients_business() {
        assertThat(BaseUrl.parse("https://api.moonshot.cn/v1/")).hasToString("https://api.moonshot.cn");
        assertThat(BaseUrl.parse("https://gateway.example/kimi/v1")).hasToString("https://gateway.example/kimi");
    }

    @Test
    void a_user_agent_that_cannot_stand_in_a_header_is_rejected() {
        assertThatThrownBy(() -> KimiClient.builder().userAgent("my-app\r\nx-evil: 1"))
                .isInstanceOf(IllegalArgumentException.class)
                .hasMessageContaining("user-agent");
    }

    @Test
    void a_client_tells_what_it_works_with() {
        Timeouts timeouts = Timeouts.builder().total(Duration.ofSeconds(7)).build();
        try (KimiClient usual = KimiClient.builder()
                        .transport(fixture)
                        .apiKey("sk-test")
                        .build();
                KimiClient own = KimiClient.builder()
                        .transport(fixture)
                        .apiKey("sk-test")
                        .baseUrl("https://gateway.example/kimi/v1/")
                        .model("mine")
                        .timeouts(timeouts)
                        .build()) {
            assertThat(usual.timeouts()).isEqualTo(Timeouts.defaults());
            assertThat(usual.model()).isEqualTo("kimi-k3");
            assertThat(usual.baseUrl()).hasToString("https://api.moonshot.ai");
            assertThat(own.timeouts()).isSameAs(timeouts);
            assertThat(own.model()).isEqualTo("mine");
            assertThat(own.baseUrl()).hasToString("https://gateway.example/kimi");
        }
    }
}
