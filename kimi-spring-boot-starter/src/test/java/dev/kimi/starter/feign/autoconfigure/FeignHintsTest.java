package dev.kimi.starter.feign.autoconfigure;

import static org.assertj.core.api.Assertions.assertThat;

import dev.kimi.starter.feign.ClaudeApi;
import dev.kimi.starter.feign.KimiApi;
import java.lang.reflect.RecordComponent;
import java.util.Arrays;
import java.util.List;
import java.util.stream.Stream;
import org.junit.jupiter.api.Test;
import org.junit.jupiter.params.ParameterizedTest;
import org.junit.jupiter.params.provider.ValueSource;
import org.springframework.aot.hint.RuntimeHints;
import org.springframework.aot.hint.predicate.RuntimeHintsPredicates;

/** What a native image keeps of our Feign clients; what an application generates is in {@code AheadOfTimeTest}. */
class FeignHintsTest {

    private final RuntimeHints hints = new RuntimeHints();

    FeignHintsTest() {
        new FeignHints().registerHints(hints, null);
    }

    @ParameterizedTest
    @ValueSource(classes = {KimiApi.class, ClaudeApi.class})
    void an_interface_is_proxied_and_its_methods_are_read(Class<?> api) {
        assertThat(hints).matches(RuntimeHintsPredicates.proxies().forInterfaces(api));
        assertThat(api.getMethods())
                .isNotEmpty()
                .allSatisfy(method -> assertThat(hints)
                        .matches(RuntimeHintsPredicates.reflection().onMethodInvocation(method)));
    }

    @ParameterizedTest
    @ValueSource(classes = {KimiApi.class, ClaudeApi.class})
    void every_record_is_written_by_its_accessors_and_read_by_its_constructor(Class<?> api) {
        List<Class<?>> records = records(api).toList();

        assertThat(records).hasSizeGreaterThan(10).allSatisfy(record -> {
            assertThat(record.getRecordComponents())
                    .extracting(RecordComponent::getAccessor)
                    .allSatisfy(accessor -> assertThat(hints)
                            .matches(RuntimeHintsPredicates.reflection().onMethodInvocation(accessor)));
            assertThat(record.getDeclaredConstructors())
                    .allSatisfy(constructor -> assertThat(hints)
                            .matches(RuntimeHintsPredicates.reflection().onConstructorInvocation(constructor)));
        });
    }

    private static Stream<Class<?>> records(Class<?> type) {
        return Arrays.stream(type.getDeclaredClasses())
                .flatMap(inner -> Stream.concat(inner.isRecord() ? Stream.of(inner) : Stream.empty(), records(inner)));
    }

    @Test
    void the_log_is_reached_through_methods_that_are_kept() throws NoSuchMethodException {
        assertThat(hints)
                .matches(RuntimeHintsPredicates.reflection()
                        .onMethodInvocation(feign.Logger.class.getDeclaredMethod(
                                "logRequest", String.class, feign.Logger.Level.class, feign.Request.class)));
    }
}
