package dev.kimi.gateway.key;

import static org.assertj.core.api.Assertions.assertThat;

import java.nio.charset.StandardCharsets;
import java.security.SecureRandom;
import java.util.HashSet;
import java.util.HexFormat;
import java.util.Set;
import java.util.zip.CRC32;
import org.junit.jupiter.api.Test;
import org.junit.jupiter.params.ParameterizedTest;
import org.junit.jupiter.params.provider.CsvSource;

class KeyTextTest {

    private static final String ALPHABET = "0123456789ABCDEFGHIJKLMNOPQRSTUVWXYZabcdefghijklmnopqrstuvwxyz";

    @Test
    void a_key_is_recognised_by_its_form_and_its_checksum() {
        String key = String.valueOf(KeyText.next(new SecureRandom()));

        assertThat(key).matches("kimi-sk-[0-9A-Za-z]{46}");
        CRC32 crc = new CRC32();
        crc.update(key.substring(0, key.length() - 6).getBytes(StandardCharsets.US_ASCII));
        long read = 0;
        for (char digit : key.substring(key.length() - 6).toCharArray()) {
            read = read * 62 + ALPHABET.indexOf(digit);
        }
        assertThat(read).isEqualTo(crc.getValue());
    }

    @Test
    void no_two_keys_are_the_same() {
        SecureRandom random = new SecureRandom();
        Set<String> seen = new HashSet<>();
        for (int i = 0; i < 500; i++) {
            assertThat(seen.add(String.valueOf(KeyText.next(random)))).isTrue();
        }
    }

    @Test
    void the_hash_is_what_sha256sum_prints() {
        assertThat(HexFormat.of().formatHex(KeyText.hash("abc".toCharArray())))
                .isEqualTo("ba7816bf8f01cfea414140de5dae2223b00361a396177a9cb410ff61f20015ad");
    }

    @ParameterizedTest
    @CsvSource({
        "*, anything, true",
        "claude-*, claude-kimi-k3, true",
        "claude-*, claude-, true",
        "claude-*, claude, false",
        "*k3, kimi-k3, true",
        "*k3, kimi-k3.1, false",
        "a*b*c, axxbyyc, true",
        "a*b*c, abcb, false",
        "kimi-k3, kimi-k3, true",
        "kimi-k3, kimi-k31, false",
        "kimi.k3, kimi-k3, false",
    })
    void a_star_stands_for_any_characters(String pattern, String model, boolean matches) {
        assertThat(new ModelPatterns(java.util.List.of(pattern)).match(model)).isEqualTo(matches);
    }
}
