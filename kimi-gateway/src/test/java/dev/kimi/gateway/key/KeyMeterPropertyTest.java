package dev.kimi.gateway.key;

import static dev.kimi.gateway.key.KeyFixture.chat;
import static dev.kimi.gateway.key.KeyFixture.usage;
import static org.assertj.core.api.Assertions.assertThat;

import dev.kimi.chat.Usage;
import dev.kimi.gateway.dialect.GatewayException;
import dev.kimi.gateway.key.VirtualKey.Limits;
import dev.kimi.time.VirtualTime;
import java.math.BigDecimal;
import java.util.ArrayList;
import java.util.List;
import java.util.Random;
import org.junit.jupiter.params.ParameterizedTest;
import org.junit.jupiter.params.provider.ValueSource;

/** Over random schedules, in which time stands still: nothing that is reserved is lost, and nothing counts twice. */
class KeyMeterPropertyTest {

    private static final long TOKENS = 50_000;
    private static final int PLACES = 6;

    private final KeyMeter meter =
            KeyFixture.meter(new VirtualTime(), new Limits(0, TOKENS, PLACES, 0, new BigDecimal("1000"), null));
    private final List<Open> open = new ArrayList<>();
    private long settledTokens;
    private long settledMoney;
    private long refundedMoney;
    private long reservedMoney;

    private record Open(Admission admission, long tokens, long money) {}

    @ParameterizedTest
    @ValueSource(longs = {1, 2, 3, 4, 5, 6, 7, 8})
    void what_was_reserved_is_settled_refunded_or_open_at_any_moment(long seed) {
        Random random = new Random(seed);
        for (int step = 0; step < 400; step++) {
            if (random.nextBoolean()) {
                admit(1 + random.nextInt(2000), 1 + random.nextInt(2000));
            } else if (!open.isEmpty()) {
                settle(open.remove(random.nextInt(open.size())), random);
            }
            check();
        }
    }

    private void admit(long input, long output) {
        long left =
                TOKENS - settledTokens - open.stream().mapToLong(Open::tokens).sum();
        boolean fits = open.size() < PLACES && input + output <= left;
        long money = input * 1000 + output * 10_000;
        try {
            Admission admission = meter.admit(chat(input, output));
            assertThat(fits)
                    .as("%s + %s tokens fit into %s", input, output, left)
                    .isTrue();
            reservedMoney += money;
            open.add(new Open(admission, input + output, money));
        } catch (GatewayException e) {
            assertThat(fits)
                    .as("%s + %s tokens do not fit into %s", input, output, left)
                    .isFalse();
        }
    }

    private void settle(Open one, Random random) {
        long tokens = 0;
        long money = 0;
        switch (random.nextInt(4)) {
            case 0 -> one.admission().settle(Usage.NONE, null, false);
            case 1 -> {
                tokens = one.tokens();
                money = one.money();
                one.admission().settle(Usage.NONE, null, true);
            }
            case 2 -> {
                tokens = 1 + random.nextInt((int) one.tokens());
                money = tokens * 1000;
                one.admission().settle(usage(tokens, 0), null, true);
            }
            default -> {
                tokens = 1 + random.nextInt((int) one.tokens());
                money = Math.min(one.money(), 7);
                one.admission().settle(usage(tokens - 1, 1), new BigDecimal("0.000000007"), true);
            }
        }
        one.admission().settle(usage(77, 77), null, true);
        settledTokens += tokens;
        settledMoney += money;
        refundedMoney += one.money() - money;
    }

    private void check() {
        KeyUsage usage = meter.usage();
        long openMoney = usage.reserved().movePointRight(9).longValueExact();
        assertThat(usage.inFlight()).isEqualTo(open.size());
        assertThat(usage.spentToday().movePointRight(9).longValueExact()).isEqualTo(settledMoney);
        assertThat(openMoney).isEqualTo(open.stream().mapToLong(Open::money).sum());
        assertThat(settledMoney + refundedMoney + openMoney).isEqualTo(reservedMoney);
    }
}
