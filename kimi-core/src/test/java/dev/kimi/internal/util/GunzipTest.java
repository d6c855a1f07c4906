package dev.kimi.internal.util;

import static dev.kimi.internal.util.Gzip.pack;
import static org.assertj.core.api.Assertions.assertThat;
import static org.assertj.core.api.Assertions.assertThatThrownBy;

import java.io.ByteArrayOutputStream;
import java.nio.ByteBuffer;
import java.nio.charset.StandardCharsets;
import java.util.Arrays;
import java.util.Random;
import org.junit.jupiter.api.AfterEach;
import org.junit.jupiter.api.Test;

class GunzipTest {

    private final Gunzip gunzip = new Gunzip();
    private final ByteArrayOutputStream unpacked = new ByteArrayOutputStream();

    @AfterEach
    void close() {
        gunzip.close();
    }

    private static byte[] bytes(String text) {
        return text.getBytes(StandardCharsets.UTF_8);
    }

    private void feed(Gunzip to, byte[] packed, int from, int until) {
        to.feed(ByteBuffer.wrap(packed, from, until - from), this::take);
    }

    private void take(ByteBuffer piece) {
        byte[] copy = new byte[piece.remaining()];
        piece.get(copy);
        unpacked.writeBytes(copy);
    }

    private String text() {
        return unpacked.toString(StandardCharsets.UTF_8);
    }

    @Test
    void unpacks_wherever_the_body_is_cut() {
        byte[] packed = pack(bytes("data: {\"月\": \"sky\"}\n\n".repeat(50)));
        for (int at = 0; at <= packed.length; at++) {
            unpacked.reset();
            Gunzip cut = new Gunzip();
            feed(cut, packed, 0, at);
            feed(cut, packed, at, packed.length);
            cut.close();
            assertThat(text()).as("cut at %d", at).isEqualTo("data: {\"月\": \"sky\"}\n\n".repeat(50));
        }
    }

    @Test
    void unpacks_large_bodies_that_do_not_pack_well() {
        byte[] data = new byte[3 << 20];
        new Random(7).nextBytes(data);
        byte[] packed = pack(data);

        for (int from = 0; from < packed.length; from += 10_000) {
            feed(gunzip, packed, from, Math.min(packed.length, from + 10_000));
        }

        assertThat(unpacked.toByteArray()).isEqualTo(data);
    }

    @Test
    void passes_over_every_optional_field_at_every_cut() {
        byte[] plain = pack(bytes("sky"));
        ByteArrayOutputStream packed = new ByteArrayOutputStream();
        packed.writeBytes(Arrays.copyOf(plain, 3));
        packed.write(2 + 4 + 8 + 16);
        packed.writeBytes(Arrays.copyOfRange(plain, 4, 10));
        packed.writeBytes(new byte[] {3, 0, 1, 2, 3});
        packed.writeBytes(bytes("name\0comment\0"));
        packed.writeBytes(new byte[] {9, 9});
        packed.writeBytes(Arrays.copyOfRange(plain, 10, plain.length));
        byte[] whole = packed.toByteArray();
        for (int at = 0; at <= whole.length; at++) {
            unpacked.reset();
            Gunzip cut = new Gunzip();
            feed(cut, whole, 0, at);
            feed(cut, whole, at, whole.length);
            cut.close();
            assertThat(text()).as("cut at %d", at).isEqualTo("sky");
        }
    }

    @Test
    void takes_members_that_follow_one_another_as_one_body() {
        byte[] first = pack(bytes("blue "));
        byte[] second = pack(bytes("sky"));

        feed(gunzip, first, 0, first.length);
        feed(gunzip, second, 0, second.length);

        assertThat(text()).isEqualTo("blue sky");
    }

    @Test
    void rejects_what_is_no_gzip() {
        assertThatThrownBy(() -> feed(gunzip, bytes("{\"id\": 1}"), 0, 9)).isInstanceOf(Gunzip.BadBody.class);
        byte[] packed = pack(bytes("sky"));
        packed[10] = (byte) 0xFF;
        assertThatThrownBy(() -> feed(new Gunzip(), packed, 0, packed.length))
                .isInstanceOf(Gunzip.BadBody.class)
                .hasMessageContaining("no gzip");
    }

    @Test
    void rejects_what_fails_its_checksum_or_its_length() {
        for (int fromEnd : new int[] {1, 8}) {
            byte[] packed = pack(bytes("sky"));
            packed[packed.length - fromEnd]++;
            assertThatThrownBy(() -> feed(new Gunzip(), packed, 0, packed.length))
                    .isInstanceOf(Gunzip.BadBody.class)
                    .hasMessageContaining("checksum");
        }
    }

    @Test
    void rejects_a_bomb_before_it_fills_the_memory() {
        byte[] packed = pack(new byte[200 << 20]);
        long[] seen = new long[1];

        assertThatThrownBy(() -> gunzip.feed(ByteBuffer.wrap(packed, 0, 4_096), piece -> seen[0] += piece.remaining()))
                .isInstanceOf(Gunzip.BadBody.class)
                .hasMessageContaining("100 times");

        assertThat(seen[0]).isLessThanOrEqualTo(Gunzip.FREE);
    }

    @Test
    void lets_a_short_text_pack_as_well_as_it_can() {
        byte[] packed = pack(new byte[Gunzip.FREE]);

        feed(gunzip, packed, 0, packed.length);

        assertThat(unpacked.size()).isEqualTo(Gunzip.FREE);
        assertThat(packed.length).as("far beyond the ratio").isLessThan(Gunzip.FREE / Gunzip.MAX_RATIO);
    }

    @Test
    void hands_on_nothing_more_once_it_is_closed_not_even_of_the_chunk_in_hand() {
        byte[] packed = pack(new byte[100_000]);

        gunzip.feed(ByteBuffer.wrap(packed), piece -> {
            take(piece);
            gunzip.close();
        });
        gunzip.feed(ByteBuffer.wrap(packed), this::take);

        assertThat(unpacked.size()).isEqualTo(8 << 10);
    }

    @Test
    void may_end_between_members_only() {
        byte[] packed = pack(bytes("sky"));
        gunzip.end();
        for (int until = 1; until < packed.length; until++) {
            Gunzip cut = new Gunzip();
            feed(cut, packed, 0, until);
            assertThatThrownBy(cut::end)
                    .as("after %d bytes", until)
                    .isInstanceOf(Gunzip.BadBody.class)
                    .hasMessageContaining("too early");
            cut.close();
        }
        feed(gunzip, packed, 0, packed.length);
        gunzip.end();
    }
}
