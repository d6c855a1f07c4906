package dev.kimi.gateway.key.store;

import static org.assertj.core.api.Assertions.assertThat;
import static org.assertj.core.api.Assertions.assertThatThrownBy;

import dev.kimi.gateway.key.KeyStore;
import dev.kimi.gateway.key.VirtualKey;
import dev.kimi.gateway.key.VirtualKey.Limits;
import java.io.IOException;
import java.io.UncheckedIOException;
import java.math.BigDecimal;
import java.nio.file.Files;
import java.nio.file.Path;
import java.nio.file.attribute.PosixFilePermissions;
import org.junit.jupiter.api.Test;
import org.junit.jupiter.api.io.TempDir;
import org.junit.jupiter.params.ParameterizedTest;
import org.junit.jupiter.params.provider.CsvSource;

class FileKeyStoreTest extends KeyStoreContract {

    @TempDir
    private Path folder;

    private Path file() {
        return folder.resolve("keys.json");
    }

    @Override
    KeyStore store() {
        return new FileKeyStore(file());
    }

    @Test
    void only_the_owner_may_read_the_file() throws IOException {
        store().update("one", before -> key("one"));
        store().update("two", before -> new VirtualKey("two", key("two").terms(), java.util.List.of(), START, null));

        assertThat(PosixFilePermissions.toString(Files.getPosixFilePermissions(file())))
                .isEqualTo("rw-------");
        try (var files = Files.list(folder)) {
            assertThat(files.map(path -> path.getFileName().toString()))
                    .containsExactlyInAnyOrder("keys.json", "keys.json.lock");
        }
    }

    @Test
    void a_link_to_the_file_stays_one() throws IOException {
        Path real = Files.createDirectory(folder.resolve("real")).resolve("keys.json");
        Files.writeString(real, "{\"keys\": []}");
        Files.createSymbolicLink(file(), real);

        store().update("one", before -> key("one"));

        assertThat(Files.isSymbolicLink(file())).isTrue();
        assertThat(Files.readString(real)).contains("\"one\"");
    }

    @Test
    void a_key_that_a_person_has_written_needs_an_id_and_a_hash() throws IOException {
        Files.writeString(file(), """
                {"keys": [{
                  "id": "build",
                  "models": ["claude-*"],
                  "limits": {"requests-per-minute": 60, "budget-per-day": 2.5},
                  "secrets": [{"hash": "ba7816bf8f01cfea414140de5dae2223b00361a396177a9cb410ff61f20015ad"}]
                }]}
                """);

        VirtualKey key = store().load().get(0);

        assertThat(key.terms().enabled()).isTrue();
        assertThat(key.terms().name()).isEqualTo("build");
        assertThat(key.terms().limits()).isEqualTo(new Limits(60, 0, 0, 0, new BigDecimal("2.5"), null));
    }

    @ParameterizedTest
    @CsvSource(
            delimiter = ';',
            value = {
                "{; line 1, not well-formed JSON",
                "kimi-sk-in-clear; line 1, not well-formed JSON",
                "{\"keys\": [{\"id\": \"a\", \"request-per-minute\": 5}]}; request-per-minute",
                "{\"keys\": [{\"id\": \"a\", \"limits\": {\"tokens\": 5}}]}; tokens",
                "{\"keys\": [{\"name\": \"a\"}]}; has no id",
                "{\"keys\": [{\"id\": \"a\"}, {\"id\": \"a\"}]}; two keys have the id a",
                "{\"keys\": [{\"id\": \"a\", \"secrets\": [{\"hash\": \"kimi-sk-in-clear\"}]}]}; 64 hexadecimal digits",
                "{\"keys\": [{\"id\": \"a\", \"limits\": {\"concurrency\": -1}}]}; cannot be negative",
                "{\"keys\": [{\"id\": \"a\", \"limits\": {\"budget-per-day\": 1e-99999999}}]}; nine decimals",
                "{\"keys\": [{\"id\": \"a\", \"limits\": {\"budget-per-month\": 1e99999999}}]}; a billion",
            })
    void a_broken_file_says_where_it_is_and_what_is_wrong(String content, String problem) throws IOException {
        KeyStore store = store();
        store.update("one", before -> key("one"));
        store.load();
        Files.writeString(file(), content);

        assertThatThrownBy(store::load)
                .isInstanceOf(UncheckedIOException.class)
                .hasMessageContaining(file().toString())
                .hasMessageContaining(problem)
                .hasMessageNotContaining("kimi-sk-in-clear");
        assertThatThrownBy(() -> store.update("one", before -> key("one"))).isInstanceOf(UncheckedIOException.class);
        assertThat(Files.readString(file())).isEqualTo(content);
    }

    @Test
    void a_folder_that_is_not_there_is_named() {
        Path nowhere = folder.resolve("nowhere").resolve("keys.json");

        assertThatThrownBy(() -> new FileKeyStore(nowhere).update("one", before -> key("one")))
                .isInstanceOf(UncheckedIOException.class)
                .hasMessageContaining(nowhere.toString());
    }
}
