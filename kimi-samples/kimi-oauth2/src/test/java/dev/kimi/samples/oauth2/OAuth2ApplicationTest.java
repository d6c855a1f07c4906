package dev.kimi.samples.oauth2;

import static org.assertj.core.api.Assertions.assertThat;

import java.io.ByteArrayOutputStream;
import java.io.PrintStream;
import java.nio.charset.StandardCharsets;
import org.junit.jupiter.api.Test;
import org.junit.jupiter.api.Timeout;
import org.junit.jupiter.api.parallel.ResourceLock;
import org.junit.jupiter.api.parallel.Resources;

@Timeout(120)
@ResourceLock(Resources.SYSTEM_OUT)
class OAuth2ApplicationTest {

    private static final String REQUESTED = "  client -> authorization server  POST /oauth2/token";
    private static final String ISSUED = "  authorization server -> client  200, expires in 3599 s";
    private static final String CALLED = "  client -> API                   call with Authorization: Bearer ****";

    @Test
    void prints_how_a_token_is_requested_kept_and_replaced() {
        String[] acts = printed().replace("\r", "").split("\n=== ");

        assertThat(acts).hasSize(4);
        assertThat(acts[1].lines().skip(1).filter(line -> !line.isBlank()))
                .containsExactly(REQUESTED + ", grant client_credentials", ISSUED, CALLED, response(200));
        assertThat(acts[2].lines().skip(1).filter(line -> !line.isBlank())).containsExactly(CALLED, response(200));
        assertThat(acts[3].lines().skip(1).filter(line -> !line.isBlank()))
                .containsExactly(
                        CALLED,
                        response(401),
                        REQUESTED + ", grant client_credentials",
                        ISSUED,
                        CALLED,
                        response(200),
                        "3 calls, 2 token requests.");
    }

    private static String response(int status) {
        return "  API    -> client                " + status;
    }

    private static String printed() {
        ByteArrayOutputStream bytes = new ByteArrayOutputStream();
        PrintStream before = System.out;
        System.setOut(new PrintStream(bytes, true, StandardCharsets.UTF_8));
        try {
            OAuth2Application.main(new String[0]);
        } finally {
            System.setOut(before);
        }
        return bytes.toString(StandardCharsets.UTF_8);
    }
}
