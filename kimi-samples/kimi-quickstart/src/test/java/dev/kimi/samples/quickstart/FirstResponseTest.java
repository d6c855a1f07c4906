package dev.kimi.samples.quickstart;

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
class FirstResponseTest {

    @Test
    void prints_the_response_its_figures_and_where_the_page_is() {
        String printed = printed("--kimi.quickstart.color=false");

        assertThat(printed).contains("> Why?").doesNotContain("\u001b");
        assertThat(printed).containsPattern("\\d+ tokens in, \\d+ out \\(\\d+ reasoning\\), first token after");
        assertThat(printed).containsPattern("Chat page http://127\\.0\\.0\\.1:\\d+ ");
    }

    @Test
    void dims_the_reasoning_where_that_can_be_seen() {
        assertThat(printed("--kimi.quickstart.color=true")).contains("\u001b[2m");
    }

    @Test
    void says_why_there_is_no_response_and_serves_on() throws Exception {
        PrintStream before = System.out;
        ByteArrayOutputStream bytes = new ByteArrayOutputStream();
        System.setOut(new PrintStream(bytes, true, StandardCharsets.UTF_8));
        try (Application application =
                new Application("--kimi.quickstart.question=Why?", "--kimi.quickstart.faults=500:0.99")) {
            assertThat(bytes.toString(StandardCharsets.UTF_8))
                    .contains("No response: ")
                    .contains("Chat page");
            assertThat(application.get("/api/info").statusCode()).isEqualTo(200);
        } finally {
            System.setOut(before);
        }
    }

    private static String printed(String option) {
        PrintStream before = System.out;
        ByteArrayOutputStream bytes = new ByteArrayOutputStream();
        System.setOut(new PrintStream(bytes, true, StandardCharsets.UTF_8));
        try (Application application = new Application("--kimi.quickstart.question=Why?", option)) {
            assertThat(application.kimi().requests()).hasSize(1);
        } finally {
            System.setOut(before);
        }
        return bytes.toString(StandardCharsets.UTF_8);
    }
}
