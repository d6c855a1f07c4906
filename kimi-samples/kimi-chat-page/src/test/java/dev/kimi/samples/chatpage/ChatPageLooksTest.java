package dev.kimi.samples.chatpage;

import static org.assertj.core.api.Assertions.assertThat;

import dev.kimi.test.Reply;
import java.io.IOException;
import java.time.Duration;
import java.util.List;
import org.junit.jupiter.params.ParameterizedTest;
import org.junit.jupiter.params.provider.CsvSource;
import org.openqa.selenium.Keys;

/** The page at both widths, in both schemes and both languages, with a picture of each for people to look at. */
class ChatPageLooksTest extends PageFixture {

    private static final String ENGLISH = """
            ## Ice and water

            Ice floats because it is *less dense* than water; it takes up **about nine percent** more room.

            | phase | density in kg/m³ | floats |
            | --- | ---: | --- |
            | water | 1000 | |
            | ice | 917 | yes |

            A body floats while $\\rho_\\text{body} < \\rho_\\text{fluid}$, at $5 or $6 a bag. The part under water is

            $$\\frac{V_\\text{under}}{V} = \\frac{\\rho_\\text{ice}}{\\rho_\\text{water}} = \\frac{917}{1000} \\approx 0.92$$

            ```java
            /** How much of the body is under water, from 0 to 1. */
            double under(double body, double fluid) {
                return Math.min(1, body / fluid); // "sunk" when 1
            }
            ```
            """;

    private static final String CHINESE = """
            ## 冰与水

            冰会浮在水面，因为它的**“密度”**比水小，体积大约多出**百分之九**。

            1. 湖面先结冰；
            2. 冰层挡住了寒气。

            | 状态 | 密度（kg/m³） | 上浮 |
            | --- | ---: | --- |
            | 水 | 1000 | |
            | 冰 | 917 | 是 |

            物体上浮的条件是 $\\rho_\\text{物} < \\rho_\\text{液}$，水下部分占

            $$\\frac{V_\\text{水下}}{V} = \\frac{917}{1000} \\approx 0.92$$

            ```java
            // 水下部分的比例
            double under = body / fluid;
            ```
            """;

    @ParameterizedTest
    @CsvSource({
        "360, light, en", "360, dark, en", "1280, light, en", "1280, dark, en",
        "360, light, zh-CN", "360, dark, zh-CN", "1280, light, zh-CN", "1280, dark, zh-CN",
    })
    void everything_fits_can_be_read_and_speaks_one_language(int width, String scheme, String language)
            throws IOException {
        boolean chinese = language.startsWith("zh");
        browser.width(width);
        browser.colourScheme(scheme);
        browser.language(language);
        browser.open(application.url("/"));
        browser.awaitShown("#endpoint b");
        String name = "looks-%d-%s-%s-".formatted(width, scheme, language.substring(0, 2));
        assertThat(browser.run("return document.documentElement.lang")).isEqualTo(language);
        look(name + "1-welcome", chinese);

        kimi.reply(Reply.reasoning(chinese ? "先想密度。" : "Density first.").thenText(chinese ? CHINESE : ENGLISH));
        ask(chinese ? "冰为什么会浮在水上？" : "Why does ice float?");
        browser.awaitShown(FINISHED + " .statistics");
        look(name + "2-response", chinese);
        browser.run("document.querySelector('.question').scrollIntoView()");
        look(name + "3-top", chinese);

        kimi.reply(limited());
        browser.setBack(Duration.ofSeconds(40));
        ask(chinese ? "还有呢？" : "And then?");
        browser.awaitShown(".failure .retry");
        look(name + "4-failure", chinese);

        kimi.reply(Reply.text(chinese ? "一二三四五六七八九十。" : "One two three four five six.")
                .stallAfterEvents(4));
        ask(chinese ? "数到十" : "Count");
        browser.awaitShown(RUNNING + " .prose :first-child");
        browser.advance(Duration.ofSeconds(12));
        browser.awaitShown(".waiting.stalled");
        look(name + "5-stall", chinese);
        assertThat(browser.run("""
                return document.querySelector(".waiting").getBoundingClientRect().bottom
                    <= document.querySelector(".dock").getBoundingClientRect().top""")).isEqualTo(true);
        browser.type("#prompt", Keys.ESCAPE);
        browser.awaitGone(RUNNING);
    }

    private static void look(String name, boolean chinese) throws IOException {
        browser.picture(name);
        assertFits();
        assertThat(browser.run(CONTRAST)).isEqualTo(List.of());
        if (chinese) {
            // What the page itself says; the rest is the questions and the responses.
            assertThat(browser.run("""
                    return [...document.querySelectorAll("button, summary, .failure h3, .advice, .when, .waiting p, h2, .skip")]
                        .filter((element) => !/\\\\p{Script=Han}/u.test(element.textContent))
                        .map((element) => element.outerHTML)""".replace("\\\\", "\\"))).isEqualTo(List.of());
            assertThat(browser.run("return document.getElementById('prompt').placeholder"))
                    .isEqualTo("想问什么都可以");
        }
    }

    /** The words whose contrast with what is behind them is below what WCAG 2 asks of small text. */
    private static final String CONTRAST = """
            const parts = (colour) => {
              const numbers = colour.match(/[\\d.]+/g).map(Number);
              const scale = colour.startsWith("color(") ? 255 : 1;
              return [...numbers.slice(0, 3).map((part) => part * scale), numbers[3] ?? 1];
            };
            const luminance = ([r, g, b]) => {
              const [x, y, z] = [r, g, b].map((part) => part / 255)
                  .map((part) => part <= 0.04045 ? part / 12.92 : ((part + 0.055) / 1.055) ** 2.4);
              return 0.2126 * x + 0.7152 * y + 0.0722 * z;
            };
            const ground = (element) => {
              const [r, g, b, a] = parts(getComputedStyle(element).backgroundColor);
              if (a === 1) {
                return [r, g, b];
              }
              const under = element.parentElement === null ? [255, 255, 255] : ground(element.parentElement);
              return [r, g, b].map((part, i) => part * a + under[i] * (1 - a));
            };
            const words = (element) => [...element.childNodes].some((node) => node.nodeType === 3 && node.data.trim() !== "");
            return [...document.body.querySelectorAll("*")]
                .filter((element) => words(element) && element.checkVisibility())
                .filter((element) => !element.closest(".unseen, .skip, .katex-mathml, noscript"))
                .filter((element) => {
                  const [a, b] = [luminance(parts(getComputedStyle(element).color)), luminance(ground(element))];
                  return (Math.max(a, b) + 0.05) / (Math.min(a, b) + 0.05) < 4.5;
                })
                .map((element) => element.outerHTML.slice(0, 120) + getComputedStyle(element).color + ground(element))""";
}
