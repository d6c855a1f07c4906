package dev.kimi.gateway.key;

import static org.assertj.core.api.Assertions.assertThat;
import static org.assertj.core.api.Assertions.catchThrowableOfType;

import dev.kimi.chat.Usage;
import dev.kimi.gateway.dialect.GatewayError;
import dev.kimi.gateway.dialect.GatewayException;
import dev.kimi.gateway.key.VirtualKey.Limits;
import dev.kimi.gateway.key.VirtualKey.Secret;
import dev.kimi.gateway.key.VirtualKey.Terms;
import dev.kimi.service.ModelCard;
import dev.kimi.service.ModelCard.Fact;
import dev.kimi.time.TimeSource;
import dev.kimi.time.VirtualTime;
import java.math.BigDecimal;
import java.time.Instant;
import java.time.ZoneOffset;
import java.util.HexFormat;
import java.util.List;
import org.jspecify.annotations.Nullable;

/** Keys, requests and meters for tests. */
final class KeyFixture {

    /** A token read costs a millionth of a dollar, a token written ten. */
    static final ModelCard CHEAP = ModelCard.builder("cheap")
            .fact(Fact.CURRENCY, "USD")
            .fact(Fact.PRICE_INPUT, "1")
            .fact(Fact.PRICE_OUTPUT, "10")
            .build();

    static final Instant START = Instant.parse("2026-11-27T22:00:00Z");

    private KeyFixture() {}

    static MeterSettings settings(TimeSource time) {
        return new MeterSettings(
                time,
                new Periods(ZoneOffset.UTC, time.now()),
                new Pricing(BigDecimal.valueOf(100), BigDecimal.valueOf(1000)),
                429);
    }

    static KeyMeter meter(VirtualTime time, Limits limits) {
        return new KeyMeter(key("build", limits), settings(time));
    }

    static VirtualKey key(String name, Limits limits) {
        return new VirtualKey(name, new Terms(name, List.of(), limits, true, null, null), List.of(), START, null);
    }

    /** A key that clients present as the text. */
    static VirtualKey key(String name, String presented, Limits limits) {
        VirtualKey key = key(name, limits);
        return new VirtualKey(name, key.terms(), List.of(secret(presented, null)), START, null);
    }

    static Secret secret(String presented, @Nullable Instant expires) {
        return new Secret(HexFormat.of().formatHex(KeyText.hash(presented.toCharArray())), "xxxx", START, expires);
    }

    static Limits requests(long perMinute) {
        return new Limits(perMinute, 0, 0, 0, null, null);
    }

    static Limits tokens(long perMinute) {
        return new Limits(0, perMinute, 0, 0, null, null);
    }

    static Limits places(int concurrency, int sessionConcurrency) {
        return new Limits(0, 0, concurrency, sessionConcurrency, null, null);
    }

    static Limits budgets(@Nullable String day, @Nullable String month) {
        return new Limits(
                0, 0, 0, 0, day == null ? null : new BigDecimal(day), month == null ? null : new BigDecimal(month));
    }

    static AdmissionRequest chat(long input, long output) {
        return new AdmissionRequest("cheap", input, output, null, List.of(CHEAP));
    }

    static AdmissionRequest chatOf(String session) {
        return new AdmissionRequest("cheap", 1, 1, session, List.of(CHEAP));
    }

    static Usage usage(long input, long output) {
        return Usage.builder().promptTokens(input).completionTokens(output).build();
    }

    static void settle(Admission admission, String cost) {
        admission.settle(usage(1, 1), new BigDecimal(cost), true);
    }

    /** Why the call was not admitted. */
    static GatewayError rejection(KeyMeter meter, AdmissionRequest request) {
        return rejection(() -> meter.admit(request));
    }

    static GatewayError rejection(org.assertj.core.api.ThrowableAssert.ThrowingCallable call) {
        GatewayException rejected = catchThrowableOfType(GatewayException.class, call);
        assertThat(rejected).as("rejected").isNotNull();
        return rejected.error();
    }
}
