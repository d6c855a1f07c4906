package dev.kimi.oauth2;

import static org.assertj.core.api.Assertions.assertThat;
import static org.assertj.core.api.Assertions.assertThatThrownBy;

import dev.kimi.auth.Credentials;
import dev.kimi.auth.CredentialsProvider;
import dev.kimi.error.AuthenticationException;
import dev.kimi.error.ConfigurationException;
import dev.kimi.spi.ProviderSettings;
import dev.kimi.time.VirtualTime;
import dev.kimi.transport.Exchange;
import dev.kimi.transport.ExchangeHandler;
import dev.kimi.transport.Transport;
import dev.kimi.transport.TransportRequest;
import java.io.IOException;
import java.nio.file.Files;
import java.nio.file.Path;
import java.nio.file.attribute.PosixFilePermissions;
import java.time.Duration;
import java.util.List;
import java.util.concurrent.CompletableFuture;
import java.util.concurrent.CompletionException;
import java.util.concurrent.CopyOnWriteArrayList;
import java.util.stream.IntStream;
import java.util.stream.Stream;
import org.junit.jupiter.api.BeforeEach;
import org.junit.jupiter.api.Test;
import org.junit.jupiter.api.Timeout;
import org.junit.jupiter.api.io.TempDir;

/** Access tokens for a refresh token in a file, each of which the endpoint accepts once. */
@Timeout(60)
class RefreshTokensTest {

    private static final String ROTATES =
            "{\"access_token\":\"a-%1$d\",\"expires_in\":3600,\"refresh_token\":\"r-%1$d\"}";
    private static final String KEEPS = "{\"access_token\":\"a-%1$d\",\"expires_in\":3600}";

    private final VirtualTime time = new VirtualTime();
    private final Endpoint endpoint = new Endpoint();

    @TempDir
    private Path folder;

    private Path file;

    @BeforeEach
    void log_in() throws IOException {
        file = folder.resolve("refresh-token");
        Files.createFile(file, PosixFilePermissions.asFileAttribute(PosixFilePermissions.fromString("rw-------")));
        Files.writeString(file, "r-0\n");
    }

    private CredentialsProvider provider() {
        return OAuth2CredentialsProviderFactory.create(
                ProviderSettings.builder("kimi.auth", time)
                        .time(time)
                        .set("token-uri", "https://auth.test/token")
                        .set("client-id", "public")
                        .set("client-authentication", "none")
                        .set("refresh-token-file", file.toString())
                        .build(),
                endpoint);
    }

    private static String bearer(CredentialsProvider provider) {
        return provider.credentials().toCompletableFuture().join().headerValue();
    }

    private static Throwable failure(CredentialsProvider provider) {
        try {
            provider.credentials().toCompletableFuture().join();
        } catch (CompletionException e) {
            return e.getCause();
        }
        throw new AssertionError("there was a token");
    }

    private List<String> names() throws IOException {
        try (Stream<Path> files = Files.list(folder)) {
            return files.map(found -> found.getFileName().toString()).sorted().toList();
        }
    }

    @Test
    void each_refresh_token_is_used_once_and_replaced_by_the_next() throws IOException {
        CredentialsProvider provider = provider();
        assertThat(bearer(provider)).isEqualTo("Bearer a-1");
        assertThat(bearer(provider)).as("from the cache").isEqualTo("Bearer a-1");
        time.advance(Duration.ofHours(1));
        assertThat(bearer(provider)).isEqualTo("Bearer a-2");

        assertThat(endpoint.forms)
                .containsExactly(
                        "grant_type=refresh_token&refresh_token=r-0&client_id=public",
                        "grant_type=refresh_token&refresh_token=r-1&client_id=public");
        assertThat(file).hasContent("r-2");
        assertThat(PosixFilePermissions.toString(Files.getPosixFilePermissions(file)))
                .isEqualTo("rw-------");
        assertThat(names()).containsExactly("refresh-token", "refresh-token.lock");
    }

    @Test
    void a_token_that_the_service_rejected_costs_one_refresh_however_many_callers_wait() {
        CredentialsProvider provider = provider();
        Credentials rejected = provider.credentials().toCompletableFuture().join();
        provider.invalidate(rejected);

        List<CompletableFuture<Credentials>> callers = IntStream.range(0, 100)
                .mapToObj(i -> provider.credentials().toCompletableFuture())
                .toList();

        assertThat(callers).allMatch(caller -> caller.join().headerValue().equals("Bearer a-2"));
        assertThat(endpoint.forms).hasSize(2);
    }

    @Test
    void an_endpoint_that_does_not_replace_it_gets_the_same_again() {
        endpoint.response = KEEPS;
        CredentialsProvider provider = provider();
        bearer(provider);
        time.advance(Duration.ofHours(1));
        bearer(provider);

        assertThat(endpoint.forms).hasSize(2).allMatch(form -> form.contains("refresh_token=r-0&"));
        assertThat(file).hasContent("r-0");
    }

    @Test
    void a_token_that_is_stored_elsewhere_meanwhile_is_the_one_that_is_used() throws IOException {
        CredentialsProvider provider = provider();
        bearer(provider);
        Files.writeString(file, "r-of-another-login");
        time.advance(Duration.ofHours(1));

        bearer(provider);

        assertThat(endpoint.forms.get(1)).contains("refresh_token=r-of-another-login&");
    }

    @Test
    void a_rejected_refresh_token_stays_and_the_failure_says_to_log_in() {
        endpoint.status = 400;
        endpoint.response = "{\"error\":\"invalid_grant\"}";

        assertThat(failure(provider()))
                .isInstanceOf(AuthenticationException.class)
                .hasMessageContaining("invalid_grant")
                .hasMessageContaining("Log in again")
                .hasMessageNotContaining("r-0");
        assertThat(file).hasContent("r-0");
    }

    @Test
    void without_a_login_calls_fail_until_there_is_one() throws IOException {
        Files.delete(file);
        CredentialsProvider provider = provider();
        assertThat(failure(provider))
                .isInstanceOf(AuthenticationException.class)
                .hasMessageContaining("Log in");
        assertThat(endpoint.forms).isEmpty();

        log_in();
        time.advance(Duration.ofSeconds(1));
        assertThat(bearer(provider)).isEqualTo("Bearer a-1");
    }

    @Test
    void a_file_that_others_may_read_is_rejected_at_the_start_and_later() throws IOException {
        CredentialsProvider early = provider();
        Files.setPosixFilePermissions(file, PosixFilePermissions.fromString("rw-r-----"));

        assertThatThrownBy(this::provider)
                .isInstanceOf(ConfigurationException.class)
                .hasMessageContaining("kimi.auth.refresh-token-file")
                .hasMessageContaining("chmod 600");
        assertThat(failure(early)).isInstanceOf(AuthenticationException.class).hasMessageContaining("chmod 600");
        assertThat(endpoint.forms).isEmpty();
    }

    @Test
    void a_folder_that_does_not_exist_is_rejected_at_the_start() {
        file = folder.resolve("absent").resolve("refresh-token");

        assertThatThrownBy(this::provider)
                .isInstanceOf(ConfigurationException.class)
                .hasMessageContaining("folder that does not exist");
    }

    @Test
    void a_token_that_could_not_be_replaced_is_not_spent() throws IOException {
        Files.createDirectories(folder.resolve("refresh-token.next").resolve("in-the-way"));

        assertThat(failure(provider())).isInstanceOf(AuthenticationException.class);

        assertThat(endpoint.forms).isEmpty();
        assertThat(file).hasContent("r-0");
    }

    @Test
    void what_a_killed_process_left_is_cleared_away() throws IOException {
        Files.writeString(folder.resolve("refresh-token.next"), "r-hal");
        Files.createFile(folder.resolve("refresh-token.lock"));

        assertThat(bearer(provider())).isEqualTo("Bearer a-1");

        assertThat(file).hasContent("r-1");
        assertThat(names()).containsExactly("refresh-token", "refresh-token.lock");
    }

    @Test
    void a_link_to_the_file_stays_a_link() throws IOException {
        Path elsewhere = Files.move(file, folder.resolve("elsewhere"));
        Files.createSymbolicLink(file, elsewhere);

        bearer(provider());

        assertThat(file).isSymbolicLink();
        assertThat(elsewhere).hasContent("r-1");
    }

    @Test
    void a_login_of_a_user_is_no_account_that_all_users_of_the_client_share() {
        assertThat(provider().account()).isNull();
    }

    /** Responds within the send. */
    private static final class Endpoint implements Transport {

        private final List<String> forms = new CopyOnWriteArrayList<>();
        private int status = 200;
        private String response = ROTATES;

        @Override
        public Exchange send(TransportRequest request, ExchangeHandler handler) {
            HeldTransport held = new HeldTransport();
            Exchange exchange = held.send(request, handler);
            HeldTransport.Held sent = held.sentFrom(0).get(0);
            forms.add(sent.body());
            sent.respond(status, response.formatted(forms.size()));
            return exchange;
        }

        @Override
        public void close() {}
    }
}
