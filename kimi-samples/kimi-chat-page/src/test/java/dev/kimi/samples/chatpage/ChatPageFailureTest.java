package dev.kimi.samples.chatpage;

import static org.assertj.core.api.Assertions.assertThat;

import dev.kimi.test.Reply;
import java.io.IOException;
import java.time.Duration;
import java.util.List;
import java.util.concurrent.TimeUnit;
import java.util.stream.Stream;
import org.junit.jupiter.api.Test;
import org.junit.jupiter.params.ParameterizedTest;
import org.junit.jupiter.params.provider.Arguments;
import org.junit.jupiter.params.provider.MethodSource;

/** What a reader sees when a response fails, stalls or is cut by a reload, and what they can do about it. */
class ChatPageFailureTest extends PageFixture {

    /** What only operators and developers of the application understand. */
    private static final String INSIDE = "(?s).*(Exception|java\\.|dev\\.kimi|kimi\\.[a-z]|\\(\\)|null|undefined).*";

    private static Stream<Arguments> failures() {
        return Stream.of(
                Arguments.of("Too many requests just now", true, limited()),
                Arguments.of("The model is overloaded", true, times(3, Reply.overloaded())),
                Arguments.of(
                        "The model’s service had a fault",
                        true,
                        times(3, Reply.error(500, "server_error", "java.lang.NullPointerException"))),
                Arguments.of(
                        "The response broke off",
                        true,
                        times(1, Reply.text("One two three.").cutAfterEvents(3))),
                Arguments.of("The account is empty", false, times(1, Reply.quotaExceeded())),
                Arguments.of("The API key was not accepted", false, times(1, Reply.unauthorized())),
                Arguments.of("The content filter stopped this", false, times(1, Reply.contentFiltered())),
                Arguments.of(
                        "The service rejected the request",
                        false,
                        times(1, Reply.error(400, "invalid_request_error", "java.lang.NullPointerException"))));
    }

    @ParameterizedTest
    @MethodSource("failures")
    void a_failure_is_shown_in_plain_words_and_offers_a_retry_where_one_can_help(
            String title, boolean retryable, Reply[] replies) {
        kimi.reply(replies);

        ask("Hello");

        browser.awaitWords(".failure", title);
        assertThat(browser.words("#status")).startsWith(title);
        assertThat(browser.words("body")).doesNotMatch(INSIDE);
        assertThat(browser.shows(".failure .retry")).isEqualTo(retryable);
        assertThat(browser.shows(".again")).isFalse();
    }

    @Test
    void a_retry_opens_when_the_service_accepts_requests_again() {
        browser.setBack(Duration.ofSeconds(40));
        kimi.reply(limited());
        ask("Hello");
        browser.awaitWords(".failure .retry", "Retry in ");
        assertThat(browser.run("return document.querySelector('.retry').disabled"))
                .isEqualTo(true);
        assertThat(browser.words(".failure .when")).contains("accepts requests again at");

        browser.advance(Duration.ofSeconds(60));

        browser.awaitWords("#status", "You can retry now.");
        assertThat(browser.words(".failure .retry")).isEqualTo("Retry");
        browser.run("document.getElementById('status').textContent = ''");
        kimi.reply(Reply.text("Back again."));
        browser.click(".failure .retry");
        browser.awaitWords(FINISHED + " .prose", "Back again.");
        assertThat(browser.shows(".failure")).isFalse();
    }

    @Test
    void a_response_that_breaks_off_keeps_what_had_come() {
        kimi.reply(Reply.text("One two three four five six seven.").cutAfterEvents(5));

        ask("Count.");

        browser.awaitWords(".failure", "The response broke off");
        assertThat(browser.words(".prose")).startsWith("One two");
    }

    @Test
    void a_message_that_was_rejected_for_good_does_not_spoil_the_next() {
        kimi.reply(Reply.contentFiltered());
        ask("Forbidden words");
        browser.awaitShown(".failure");

        converse("Hello", "Good day.");

        assertThat(kimi.requests()).hasSize(2);
        assertThat(kimi.requests().get(1).body().toString()).contains("Hello").doesNotContain("Forbidden");
    }

    @Test
    void a_stall_says_so_and_for_how_long_until_more_comes_or_the_reader_stops() throws Exception {
        kimi.reply(Reply.text("One two three four five six seven.").stallAfterEvents(5));
        ask("Count.");
        browser.awaitWords(RUNNING + " .prose", "One two");
        assertThat(browser.shows(".waiting")).isFalse();

        browser.advance(Duration.ofSeconds(75));

        browser.awaitWords(".waiting.stalled", "The model has sent nothing for 1 min 1");
        browser.awaitWords("#status", "The model has sent nothing for 1 min 1");
        browser.picture("stall");
        browser.click(".stop-stalled");
        assertThat(kimi.awaitAborted(1).get(60, TimeUnit.SECONDS)).hasSize(1);
        browser.awaitWords(FINISHED + " .statistics", "stopped by you");
        assertThat(browser.shows(".waiting")).isFalse();
    }

    @Test
    void a_silence_before_the_first_word_is_counted_and_called_a_stall_when_long() throws Exception {
        kimi.reply(Reply.generated().stallBeforeHeaders());
        ask("Count.");
        browser.awaitWords(RUNNING + " .waiting", "Waiting for the model");
        assertThat(browser.shows(".stop-stalled")).isFalse();

        browser.advance(Duration.ofSeconds(20));

        browser.awaitWords(".waiting.stalled", "Nothing has arrived for 2");
        browser.click(".stop-stalled");
        assertThat(kimi.awaitAborted(1).get(60, TimeUnit.SECONDS)).hasSize(1);
    }

    @Test
    void a_conversation_survives_a_reload_and_goes_on() {
        kimi.reply(Reply.reasoning("Density.").thenText("It **floats**.").usage(12, 34, 5));
        ask("Why does ice float?");
        browser.awaitShown(FINISHED + " .statistics");

        browser.reload();

        assertThat(browser.words(".question .words")).isEqualTo("Why does ice float?");
        assertThat(browser.words(".prose strong")).isEqualTo("floats");
        assertThat(browser.words(".thinking summary")).startsWith("Thought for");
        assertThat(browser.words(".statistics")).contains("12 tokens in", "34 out");
        assertThat(browser.shows("#welcome")).isFalse();
        kimi.reply(Reply.text("Gladly."));
        ask("And steel?");
        browser.awaitWords(FINISHED + ":last-child .prose", "Gladly.");
        assertThat(kimi.requests().get(1).body().toString())
                .contains("Why does ice float?", "It **floats**.", "And steel?");

        browser.click("#clear");

        assertThat(browser.shows("#welcome")).isTrue();
        browser.reload();
        assertThat(browser.shows("#welcome")).isTrue();
        assertThat(browser.shows(".turn")).isFalse();
        assertThat(browser.run("return sessionStorage.length")).isEqualTo(0L);
    }

    @Test
    void a_response_under_way_when_the_page_is_reloaded_is_shown_as_interrupted() throws Exception {
        kimi.reply(Reply.text("One two three four five six seven.").stallAfterEvents(5));
        ask("Count.");
        browser.awaitWords(RUNNING + " .prose", "One two");

        browser.reload();

        assertThat(kimi.awaitAborted(1).get(60, TimeUnit.SECONDS)).hasSize(1);
        assertThat(browser.words(".prose")).startsWith("One two");
        assertThat(browser.words(".failure")).contains("The response was interrupted", "The page was reloaded");
        kimi.reply(Reply.text("One to ten."));
        browser.click(".failure .retry");
        browser.awaitWords(FINISHED + " .prose", "One to ten.");
        assertThat(browser.shows(".failure")).isFalse();
    }

    @Test
    void an_application_that_has_gone_is_distinguished_from_a_service_that_failed() throws IOException {
        Object failures = browser.await("""
                const { respond } = await import("/chat.js");
                const fail = async (response) => {
                  const kept = window.fetch;
                  window.fetch = response;
                  try {
                    for await (const event of respond([], new AbortController().signal)) { void event; }
                  } catch ({ facts: { kind, retryable } }) {
                    return `${kind} ${retryable}`;
                  } finally {
                    window.fetch = kept;
                  }
                };
                return [
                  await fail(() => Promise.reject(new TypeError("Failed to fetch"))),
                  await fail(async () => new Response("", { status: 413 })),
                  await fail(async () => new Response("", { status: 400 })),
                  await fail(async () => new Response("", { status: 500 })),
                  await fail(async () => new Response("event: text\\ndata: {}\\n\\n")),
                ];""");

        assertThat(failures)
                .isEqualTo(List.of(
                        "unreachable true",
                        "too-long false",
                        "invalid-message false",
                        "application true",
                        "interrupted true"));
    }

    private static Reply[] times(int count, Reply reply) {
        return Stream.generate(() -> reply).limit(count).toArray(Reply[]::new);
    }
}
