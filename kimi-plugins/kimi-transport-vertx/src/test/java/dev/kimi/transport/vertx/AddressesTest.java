package dev.kimi.transport.vertx;

import static org.assertj.core.api.Assertions.assertThat;

import dev.kimi.time.VirtualTime;
import io.vertx.core.Future;
import io.vertx.core.Promise;
import java.io.IOException;
import java.net.InetAddress;
import java.net.UnknownHostException;
import java.time.Duration;
import java.util.ArrayDeque;
import java.util.ArrayList;
import java.util.Arrays;
import java.util.EnumMap;
import java.util.List;
import java.util.Map;
import java.util.logging.Handler;
import java.util.logging.Level;
import java.util.logging.LogRecord;
import java.util.logging.Logger;
import org.junit.jupiter.api.Test;
import org.junit.jupiter.params.ParameterizedTest;
import org.junit.jupiter.params.provider.CsvSource;
import org.junit.jupiter.params.provider.ValueSource;

class AddressesTest {

    private final VirtualTime clock = new VirtualTime();
    private final Lookups lookups = new Lookups();
    private final Addresses addresses =
            new Addresses("service.test", lookups::begin, clock, clock::schedule, new OutageLog());

    @ParameterizedTest
    @CsvSource({"0, 5", "1, 5", "5, 5", "60, 60", "300, 300", "86400, 300", "9223372036854775807, 300"})
    void a_name_is_looked_up_again_when_its_ttl_ends_within_floor_and_ceiling(long ttl, int holds) {
        lookups.v4(ttl, "10.0.0.1").v6(ttl);
        assertThat(find()).containsExactly("10.0.0.1");

        clock.advance(Duration.ofSeconds(holds).minusNanos(1));
        assertThat(find()).containsExactly("10.0.0.1");
        assertThat(lookups.begun(IpFamily.V4)).isEqualTo(1);

        lookups.v4(ttl, "10.0.0.2");
        clock.advance(Duration.ofNanos(1));
        assertThat(find()).containsExactly("10.0.0.2");
        assertThat(lookups.begun(IpFamily.V4)).isEqualTo(2);
    }

    @ParameterizedTest
    @ValueSource(strings = {"127.0.0.1", "::1", "2001:db8::7"})
    void an_address_is_not_looked_up(String literal) throws IOException {
        Addresses written = new Addresses(
                literal,
                family -> {
                    throw new AssertionError("looked up");
                },
                clock,
                clock::schedule,
                new OutageLog());

        written.refresh();

        assertThat(find(written)).containsExactly(InetAddress.getByName(literal).getHostAddress());
        assertThat(written.isLiteral()).isTrue();
    }

    @Test
    void both_families_are_looked_up_and_tried_in_turns() {
        lookups.v4(60, "10.0.0.1", "10.0.0.2", "10.0.0.3").v6(60, "2001:db8::1");

        assertThat(find()).containsExactly("10.0.0.1", "2001:db8:0:0:0:0:0:1", "10.0.0.2", "10.0.0.3");
    }

    @Test
    void a_family_that_is_late_is_waited_for_fifty_milliseconds() {
        List<String> found = new ArrayList<>();
        addresses.find((list, failure) -> list.forEach(address -> found.add(address.getHostAddress())));
        lookups.complete(IpFamily.V4, 60, "10.0.0.1");

        clock.advance(Duration.ofMillis(49));
        assertThat(found).isEmpty();
        clock.advance(Duration.ofMillis(1));
        assertThat(found).containsExactly("10.0.0.1");
        assertThat(find()).as("nobody else waits").containsExactly("10.0.0.1");

        lookups.complete(IpFamily.V6, 60, "2001:db8::1");
        assertThat(find()).containsExactly("10.0.0.1", "2001:db8:0:0:0:0:0:1");
    }

    @Test
    void a_family_that_is_absent_is_not_waited_for_and_looked_for_once_a_minute() {
        lookups.v4(5, "10.0.0.1").v6(5);
        assertThat(find()).containsExactly("10.0.0.1");

        for (int i = 0; i < 12; i++) {
            clock.advance(Duration.ofSeconds(5));
            assertThat(find()).containsExactly("10.0.0.1");
        }

        assertThat(lookups.begun(IpFamily.V4)).isEqualTo(13);
        assertThat(lookups.begun(IpFamily.V6)).isEqualTo(2);
    }

    @Test
    void a_service_that_moves_to_the_other_family_is_found_at_once() {
        lookups.v4(5, "10.0.0.1").v6(5);
        find();

        clock.advance(Duration.ofSeconds(5));
        lookups.v4(5).v6(5, "2001:db8::1");

        assertThat(find()).containsExactly("2001:db8:0:0:0:0:0:1");
        assertThat(has("10.0.0.1")).isFalse();
    }

    @Test
    void the_last_addresses_serve_on_for_an_hour_while_the_resolver_fails() {
        lookups.v4(5, "10.0.0.1").v6(5);
        find();
        lookups.fail(IpFamily.V4);

        clock.advance(Duration.ofHours(1));
        assertThat(find()).containsExactly("10.0.0.1");
        assertThat(has("10.0.0.1")).isTrue();

        clock.advance(Duration.ofNanos(1));
        assertThat(find()).isEmpty();
        assertThat(failure()).hasMessageContaining("service.test");
    }

    @Test
    void the_last_addresses_serve_on_when_the_name_has_none_any_more() {
        lookups.v4(5, "10.0.0.1").v6(5, "2001:db8::1");
        find();
        lookups.v4(5).v6(5);

        clock.advance(Duration.ofMinutes(59));

        assertThat(find()).containsExactly("10.0.0.1", "2001:db8:0:0:0:0:0:1");
        assertThat(has("10.0.0.1")).isTrue();
        assertThat(has("2001:db8::1")).isTrue();
    }

    @Test
    void a_resolver_that_fails_is_queried_with_a_back_off_of_up_to_half_a_minute() {
        lookups.v4(5, "10.0.0.1").v6(5);
        find();
        lookups.fail(IpFamily.V4);

        int before = lookups.begun(IpFamily.V4);
        for (int second = 0; second < 600; second++) {
            clock.advance(Duration.ofSeconds(1));
            find();
        }

        // at 5, 6, 8, 12, 20, 36 s and then every 30 s
        assertThat(lookups.begun(IpFamily.V4) - before).isEqualTo(6 + (600 - 36) / 30);
    }

    @Test
    void a_name_without_any_address_is_looked_up_once_a_second_at_most() {
        lookups.v4(5).v6(5);

        for (int i = 0; i < 100; i++) {
            assertThat(find()).isEmpty();
        }
        assertThat(lookups.begun(IpFamily.V4)).isEqualTo(1);
        assertThat(failure()).isInstanceOf(UnknownHostException.class);

        lookups.v4(5, "10.0.0.1");
        clock.advance(Duration.ofSeconds(1));
        assertThat(find()).containsExactly("10.0.0.1");
    }

    @Test
    void a_resolver_that_does_not_respond_is_waited_for_less_than_two_seconds_if_addresses_are_known() {
        lookups.v4(5, "10.0.0.1").v6(5);
        find();
        lookups.later(IpFamily.V4);
        clock.advance(Duration.ofSeconds(5));
        List<InetAddress> found = new ArrayList<>();
        addresses.find((list, failure) -> found.addAll(list));
        assertThat(found).isEmpty();

        clock.advance(Duration.ofMillis(1800));

        assertThat(found).hasSize(1);
    }

    @Test
    void an_outage_is_logged_once_with_the_host_and_so_is_its_end() {
        List<LogRecord> lines = new ArrayList<>();
        Logger logger = Logger.getLogger("dev.kimi.connections");
        Handler recorder = recorder(lines);
        logger.addHandler(recorder);
        try {
            lookups.v4(5, "10.0.0.1").v6(5);
            find();
            lookups.fail(IpFamily.V4);
            for (int i = 0; i < 20; i++) {
                clock.advance(Duration.ofSeconds(30));
                find();
            }
            assertThat(lines).hasSize(1);
            assertThat(lines.get(0).getLevel()).isEqualTo(Level.WARNING);
            assertThat(lines.get(0).getMessage()).contains("service.test");

            lookups.v4(5, "10.0.0.1");
            clock.advance(Duration.ofSeconds(30));
            find();
            find();
            assertThat(lines).hasSize(2);
            assertThat(lines.get(1).getLevel()).isEqualTo(Level.INFO);
        } finally {
            logger.removeHandler(recorder);
        }
    }

    @Test
    void an_address_that_the_name_has_no_longer_has_gone_at_once() {
        lookups.v4(5, "10.0.0.1", "10.0.0.2").v6(5);
        find();

        lookups.v4(5, "10.0.0.2", "10.0.0.3");
        clock.advance(Duration.ofSeconds(5));
        find();

        assertThat(has("10.0.0.1")).isFalse();
        assertThat(has("10.0.0.2")).isTrue();
        assertThat(has("10.0.0.3")).isTrue();
    }

    @Test
    void the_order_of_addresses_means_nothing() {
        lookups.v4(5, "10.0.0.1", "10.0.0.2", "10.0.0.3").v6(5);
        find();

        for (String[] order :
                new String[][] {{"10.0.0.2", "10.0.0.3", "10.0.0.1"}, {"10.0.0.3", "10.0.0.1", "10.0.0.2"}}) {
            lookups.v4(5, order);
            clock.advance(Duration.ofSeconds(5));
            find();
            assertThat(List.of(has("10.0.0.1"), has("10.0.0.2"), has("10.0.0.3")))
                    .containsOnly(true);
        }
    }

    @Test
    void a_name_that_shows_others_of_its_addresses_each_time_loses_none_once_that_is_known() {
        String[][] shown = {{"10.0.0.1", "10.0.0.2"}, {"10.0.0.3", "10.0.0.4"}};
        lookups.v6(5);
        lookUp(shown[0]);
        lookUp(shown[1]);
        assertThat(has("10.0.0.1")).as("it may have moved").isFalse();

        for (int i = 0; i < 100; i++) {
            lookUp(shown[i % 2]);
            assertThat(List.of(has("10.0.0.1"), has("10.0.0.2"), has("10.0.0.3"), has("10.0.0.4")))
                    .containsOnly(true);
        }

        // one of them is taken out
        lookUp("10.0.0.2", "10.0.0.3");
        for (int seconds = 10; seconds < 60; seconds += 5) {
            assertThat(has("10.0.0.1")).isTrue();
            lookUp("10.0.0.2", "10.0.0.3");
        }
        assertThat(has("10.0.0.1")).isFalse();
    }

    @Test
    void a_service_that_moves_back_is_not_mistaken_for_one_with_many_addresses() {
        lookups.v6(5);
        lookUp("10.0.0.1");
        lookUp("10.0.0.2");
        assertThat(has("10.0.0.1")).isFalse();

        lookUp("10.0.0.1");

        assertThat(has("10.0.0.2")).isFalse();
    }

    @Test
    void a_family_whose_lookup_fails_loses_no_address_while_the_other_serves() {
        lookups.v4(5, "10.0.0.1").v6(5, "2001:db8::1");
        find();

        lookups.fail(IpFamily.V6);
        clock.advance(Duration.ofSeconds(5));

        assertThat(find()).containsExactly("10.0.0.1", "2001:db8:0:0:0:0:0:1");
        assertThat(has("2001:db8::1")).isTrue();
    }

    @Test
    void an_address_that_failed_comes_last_for_half_a_minute() throws IOException {
        lookups.v4(300, "10.0.0.1", "10.0.0.2").v6(300);
        find();

        addresses.suspect(InetAddress.getByName("10.0.0.1"));
        assertThat(find()).containsExactly("10.0.0.2", "10.0.0.1");

        clock.advance(Duration.ofSeconds(30));
        assertThat(find()).containsExactly("10.0.0.1", "10.0.0.2");
    }

    private void lookUp(String... found) {
        clock.advance(Duration.ofSeconds(5));
        lookups.v4(5, found);
        find();
    }

    private List<String> find() {
        return find(addresses);
    }

    private static List<String> find(Addresses of) {
        List<String> found = new ArrayList<>();
        of.find((list, failure) -> list.forEach(address -> found.add(address.getHostAddress())));
        return found;
    }

    private Throwable failure() {
        List<Throwable> failures = new ArrayList<>();
        addresses.find((list, failure) -> failures.add(failure));
        return failures.get(0);
    }

    private boolean has(String address) {
        return addresses.has(parse(address));
    }

    private static InetAddress parse(String address) {
        try {
            return InetAddress.getByName(address);
        } catch (UnknownHostException e) {
            throw new AssertionError(e);
        }
    }

    private static Handler recorder(List<LogRecord> lines) {
        return new Handler() {
            @Override
            public void publish(LogRecord line) {
                lines.add(line);
            }

            @Override
            public void flush() {
                // nothing is kept back
            }

            @Override
            public void close() {
                // nothing is held
            }
        };
    }

    /** A resolver that finds what the test says, at once or later. */
    private static final class Lookups {

        private final Map<IpFamily, Future<Resolver.Found>> results = new EnumMap<>(IpFamily.class);
        private final Map<IpFamily, Integer> counts = new EnumMap<>(IpFamily.class);
        private final Map<IpFamily, ArrayDeque<Promise<Resolver.Found>>> waiting = new EnumMap<>(IpFamily.class);

        Lookups v4(long ttl, String... found) {
            results.put(IpFamily.V4, Future.succeededFuture(found(ttl, found)));
            return this;
        }

        Lookups v6(long ttl, String... found) {
            results.put(IpFamily.V6, Future.succeededFuture(found(ttl, found)));
            return this;
        }

        void fail(IpFamily family) {
            results.put(family, Future.failedFuture(new UnknownHostException("no response for service.test")));
        }

        void later(IpFamily family) {
            results.remove(family);
        }

        void complete(IpFamily family, long ttl, String... found) {
            waiting.get(family).remove().complete(found(ttl, found));
        }

        int begun(IpFamily family) {
            return counts.getOrDefault(family, 0);
        }

        Future<Resolver.Found> begin(IpFamily family) {
            counts.merge(family, 1, Integer::sum);
            Future<Resolver.Found> known = results.get(family);
            if (known != null) {
                return known;
            }
            Promise<Resolver.Found> promise = Promise.promise();
            waiting.computeIfAbsent(family, first -> new ArrayDeque<>()).add(promise);
            return promise.future();
        }

        private static Resolver.Found found(long ttl, String... addresses) {
            return new Resolver.Found(
                    Arrays.stream(addresses).map(AddressesTest::parse).toList(), ttl);
        }
    }
}
