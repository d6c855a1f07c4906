package dev.kimi.gateway.admin;

import static org.assertj.core.api.Assertions.assertThat;

import dev.kimi.gateway.GatewayApplication;
import dev.kimi.test.KimiSimulator;
import dev.kimi.test.Reply;
import java.io.IOException;
import java.io.InputStream;
import java.net.URI;
import java.net.http.HttpClient;
import java.net.http.HttpRequest;
import java.net.http.HttpResponse;
import java.nio.file.Path;
import java.util.List;
import org.junit.jupiter.api.AfterAll;
import org.junit.jupiter.api.BeforeAll;
import org.junit.jupiter.api.BeforeEach;
import org.junit.jupiter.api.Test;
import org.junit.jupiter.api.Timeout;
import org.junit.jupiter.api.io.TempDir;
import org.springframework.boot.builder.SpringApplicationBuilder;
import org.springframework.boot.web.server.context.WebServerApplicationContext;
import org.springframework.context.ConfigurableApplicationContext;

/** The page in a real browser, with the whole gateway behind it. */
@Timeout(180)
class AdminPageTest {

    private static final String TOKEN = AdminApplication.TOKEN;
    private static final String CANARY = "canary-of-a-prompt-5f1c";

    @TempDir
    private static Path folder;

    private static Browser browser;
    private static KimiSimulator kimi;
    private static ConfigurableApplicationContext gateway;

    private final HttpClient http = HttpClient.newHttpClient();

    @BeforeAll
    static void start() {
        browser = Browser.start();
        kimi = KimiSimulator.start();
        gateway = new SpringApplicationBuilder(GatewayApplication.class)
                .run(
                        "--server.port=0",
                        "--kimi.base-url=" + kimi.baseUrl(),
                        "--kimi.api-key=sk-kimi",
                        "--kimi.clients.claude.base-url=" + kimi.baseUrl(),
                        "--kimi.clients.claude.api-key=sk-claude",
                        "--kimi.gateway.keys.file=" + folder.resolve("keys.json"),
                        "--kimi.gateway.admin.token=" + TOKEN);
    }

    @AfterAll
    static void stop() {
        if (browser != null) {
            browser.close();
        }
        if (gateway != null) {
            gateway.close();
        }
        if (kimi != null) {
            kimi.close();
        }
    }

    @BeforeEach
    void logIn() {
        kimi.reset();
        browser.size(1280, 900);
        browser.colourScheme("light");
        browser.forgetCookies();
        browser.open(url("/admin/"));
        browser.awaitShown("#login");
        browser.type("#token", TOKEN);
        browser.click("#login .go");
        browser.awaitWords("#link", "Live");
        browser.awaitShown("#tiles .tile");
        browser.console();
    }

    @Test
    void a_key_is_issued_used_and_revoked_and_figures_move_with_its_calls() throws Exception {
        String key = issue("Team Atlas");
        assertThat(key).startsWith("kimi-sk-");
        browser.awaitWords("#keys", "Team Atlas");
        assertThat(browser.words("body")).doesNotContain(key);

        kimi.reply(Reply.text("one two three four five six").stallAfterEvents(4));
        HttpResponse<InputStream> stream = chat(key);
        assertThat(stream.statusCode()).isEqualTo(200);
        browser.awaitWords("#calls", "Streaming");
        browser.awaitWords("#calls", "Team Atlas");
        browser.awaitWords("#calls-count", "in flight");
        String shown = browser.words("body");
        assertThat(shown).doesNotContain(CANARY).doesNotContain(key);
        for (String path : List.of("/admin/api/overview", "/admin/api/keys")) {
            assertThat(read(path)).doesNotContain(CANARY).doesNotContain(key);
        }
        stream.body().close();
        browser.awaitGone("#calls");
        browser.awaitWords("#tiles .tile:nth-child(2)", "0 calls in flight");

        browser.click("[aria-label='Revoke Team Atlas']");
        browser.awaitShown("#sure-dialog");
        assertThat(browser.words("#sure-title")).isEqualTo("Revoke Team Atlas?");
        browser.click("#sure-dialog .go");
        browser.awaitGone("#sure-dialog");
        browser.awaitGone("[aria-label='Revoke Team Atlas']");
        assertThat(chat(key).statusCode()).isEqualTo(401);
        assertThat(browser.console()).isEmpty();
    }

    @Test
    void everything_fits_and_can_be_read_at_both_widths_in_both_schemes() throws Exception {
        String key = issue("A key whose name is rather long for a table on a telephone");
        kimi.reply(Reply.text("one two three four five six").stallAfterEvents(4));
        InputStream stream = chat(key).body();
        browser.awaitWords("#calls", "Streaming");
        browser.awaitShown("#charts canvas");
        for (int width : new int[] {360, 1280}) {
            for (String scheme : List.of("light", "dark")) {
                browser.size(width, 900);
                browser.colourScheme(scheme);
                look("admin-" + width + "-" + scheme);
                browser.click("#keys [data-action=edit]");
                browser.awaitShown("#key-dialog");
                look("admin-dialog-" + width + "-" + scheme);
                browser.click("#key-dialog .cancel");
                browser.awaitGone("#key-dialog");
            }
        }
        stream.close();
        assertThat(browser.console()).isEmpty();
        assertThat(browser.run("""
                return performance.getEntriesByType("resource")
                    .map((entry) => entry.name).filter((name) => new URL(name).origin !== location.origin)""")).isEqualTo(List.of());
    }

    @Test
    void a_wrong_token_and_a_session_that_has_ended_are_said() {
        browser.forgetCookies();
        browser.awaitShown("#login");
        browser.awaitWords("#toast", "Your session has ended");
        assertThat(browser.shows("#board")).isFalse();

        browser.type("#token", "a-wrong-token-of-a-test");
        browser.click("#login .go");
        browser.awaitWords("#login-problem", "The token is wrong");
    }

    @Test
    void the_theme_can_be_chosen_and_is_remembered() {
        String before = ground();
        browser.click("#theme");
        browser.click("#theme");
        assertThat(browser.words("#theme")).isEqualTo("Theme: dark");
        assertThat(ground()).isNotEqualTo(before);

        browser.open(url("/admin/"));
        browser.awaitWords("#theme", "Theme: dark");
        browser.click("#theme");
        assertThat(ground()).isEqualTo(before);
    }

    private static String ground() {
        return String.valueOf(browser.run("return getComputedStyle(document.body).backgroundColor"));
    }

    private static String issue(String name) {
        browser.awaitShown("#issue:enabled");
        browser.click("#issue");
        browser.awaitShown("#key-dialog");
        browser.type("#key-form [name=name]", name);
        browser.type("#key-form [name=budgetPerDay]", "2.50");
        browser.click("#key-form .go");
        browser.awaitShown("#secret-dialog");
        String key = String.valueOf(browser.run("return document.getElementById('secret').value"));
        browser.click("#secret-done");
        browser.awaitGone("#secret-dialog");
        return key;
    }

    private HttpResponse<InputStream> chat(String key) throws IOException, InterruptedException {
        String body = "{\"model\":\"kimi-k3\",\"stream\":true,\"messages\":[{\"role\":\"user\",\"content\":\"" + CANARY
                + "\"}]}";
        return http.send(
                HttpRequest.newBuilder(url("/v1/chat/completions"))
                        .header("authorization", "Bearer " + key)
                        .header("content-type", "application/json")
                        .POST(HttpRequest.BodyPublishers.ofString(body))
                        .build(),
                HttpResponse.BodyHandlers.ofInputStream());
    }

    private String read(String path) throws IOException, InterruptedException {
        return http.send(
                        HttpRequest.newBuilder(url(path))
                                .header("authorization", "Bearer " + TOKEN)
                                .build(),
                        HttpResponse.BodyHandlers.ofString())
                .body();
    }

    private static URI url(String path) {
        int port = ((WebServerApplicationContext) gateway).getWebServer().getPort();
        return URI.create("http://127.0.0.1:" + port + path);
    }

    /** What sticks out at the side, what is too faint, and controls without a name. */
    private static void look(String name) throws IOException {
        browser.picture(name);
        assertThat(browser.run(OUTSIDE)).as("outside of " + name).isEqualTo(List.of());
        assertThat(browser.run(FAINT)).as("too faint in " + name).isEqualTo(List.of());
        assertThat(browser.run(NAMELESS)).as("without a name in " + name).isEqualTo(List.of());
    }

    private static final String OUTSIDE = """
            const room = document.documentElement.clientWidth;
            const wide = document.documentElement.scrollWidth > room ? ["the page"] : [];
            return wide.concat([...document.body.querySelectorAll("*")]
                .filter((element) => element.checkVisibility() && !element.closest(".unseen, .skip, .canvas"))
                .filter((element) => {
                  const { left, right } = element.getBoundingClientRect();
                  return left < -0.5 || right > room + 0.5;
                })
                .map((element) => element.outerHTML.slice(0, 80)))""";

    /** Words whose contrast with what is behind them is below what WCAG 2 demands of small text. */
    private static final String FAINT = """
            const context = document.createElement("canvas").getContext("2d", { willReadFrequently: true });
            const parts = (colour) => {
              context.clearRect(0, 0, 1, 1);
              context.fillStyle = colour;
              context.fillRect(0, 0, 1, 1);
              const [r, g, b, a] = context.getImageData(0, 0, 1, 1).data;
              return [r, g, b, a / 255];
            };
            const luminance = ([r, g, b]) => {
              const [x, y, z] = [r, g, b].map((part) => part / 255)
                  .map((part) => part <= 0.04045 ? part / 12.92 : ((part + 0.055) / 1.055) ** 2.4);
              return 0.2126 * x + 0.7152 * y + 0.0722 * z;
            };
            const ground = (element) => {
              const [r, g, b, a] = parts(getComputedStyle(element).backgroundColor);
              if (a === 1 || element.parentElement === null) {
                return [r, g, b];
              }
              const under = ground(element.parentElement);
              return [r, g, b].map((part, i) => part * a + under[i] * (1 - a));
            };
            const words = (element) => [...element.childNodes].some((node) => node.nodeType === 3 && node.data.trim() !== "");
            return [...document.body.querySelectorAll("*")]
                .filter((element) => words(element) && element.checkVisibility())
                .filter((element) => !element.closest(".unseen, .skip, noscript, select, :disabled"))
                .filter((element) => {
                  const [a, b] = [luminance(parts(getComputedStyle(element).color)), luminance(ground(element))];
                  return (Math.max(a, b) + 0.05) / (Math.min(a, b) + 0.05) < 4.5;
                })
                .map((element) => element.outerHTML.slice(0, 120) + getComputedStyle(element).color + ground(element))""";

    private static final String NAMELESS = """
            return [...document.querySelectorAll("button, input, select, meter, [role=img], dialog")]
                .filter((element) => element.checkVisibility())
                .filter((element) => !element.innerText?.trim() && !element.ariaLabel && !element.labels?.length
                    && !element.getAttribute("aria-labelledby"))
                .map((element) => element.outerHTML.slice(0, 120))""";
}
