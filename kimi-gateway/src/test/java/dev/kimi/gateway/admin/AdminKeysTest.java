package dev.kimi.gateway.admin;

import static org.assertj.core.api.Assertions.assertThat;

import dev.kimi.gateway.key.VirtualKey;
import java.math.BigDecimal;
import org.junit.jupiter.api.Test;
import org.junit.jupiter.params.ParameterizedTest;
import org.junit.jupiter.params.provider.ValueSource;
import tools.jackson.databind.JsonNode;

/** Keys over the API. */
class AdminKeysTest {

    private final AdminFixture admin = new AdminFixture();

    @Test
    void a_key_is_issued_with_its_limits_and_its_characters_are_sent_this_once() {
        JsonNode issued = admin.send("POST", "/admin/api/keys", """
                {"name":"Team Atlas","models":["claude-*","kimi-k3"],"limits":{"requestsPerMinute":60,
                 "tokensPerMinute":200000,"concurrency":4,"sessionConcurrency":2,"budgetPerDay":12.5,
                 "budgetPerMonth":200},"expires":"2027-03-01T00:00:00Z"}""");

        String secret = issued.get("secret").stringValue();
        assertThat(secret).startsWith("kimi-sk-");
        VirtualKey.Terms terms = admin.keys.list().get(0).terms();
        assertThat(terms.models()).containsExactly("claude-*", "kimi-k3");
        assertThat(terms.limits())
                .isEqualTo(new VirtualKey.Limits(60, 200_000, 4, 2, new BigDecimal("12.5"), new BigDecimal("200")));
        assertThat(terms.expires()).isEqualTo("2027-03-01T00:00:00Z");
        assertThat(terms.enabled()).isTrue();

        String listed = admin.read("/admin/api/keys").toString();
        assertThat(listed).contains("Team Atlas").doesNotContain(secret).doesNotContain("0".repeat(64));
        assertThat(admin.read("/admin/api/overview").toString()).doesNotContain(secret);
    }

    @Test
    void a_change_leaves_alone_what_it_does_not_name() {
        String id = issue(
                "{\"name\":\"Ada\",\"limits\":{\"requestsPerMinute\":60,\"budgetPerDay\":5},\"models\":[\"kimi-*\"]}");

        JsonNode changed = admin.send(
                "PATCH", "/admin/api/keys/" + id, "{\"limits\":{\"requestsPerMinute\":120},\"enabled\":false}");
        assertThat(changed.get("state").stringValue()).isEqualTo("off");
        VirtualKey.Terms terms = admin.keys.list().get(0).terms();
        assertThat(terms.name()).isEqualTo("Ada");
        assertThat(terms.models()).containsExactly("kimi-*");
        assertThat(terms.limits().requestsPerMinute()).isEqualTo(120);
        assertThat(terms.limits().budgetPerDay()).isEqualByComparingTo("5");

        admin.send(
                "PATCH",
                "/admin/api/keys/" + id,
                "{\"limits\":{\"budgetPerDay\":null,\"requestsPerMinute\":null},\"models\":null}");
        terms = admin.keys.list().get(0).terms();
        assertThat(terms.limits().budgetPerDay()).isNull();
        assertThat(terms.limits().requestsPerMinute()).isZero();
        assertThat(terms.models()).isEmpty();
    }

    @Test
    void rotating_gives_new_characters_and_revoking_ends_a_key() {
        String id = issue("{\"name\":\"Ada\"}");

        JsonNode rotated = admin.send("POST", "/admin/api/keys/" + id + "/rotate", "{\"overlapSeconds\":3600}");
        assertThat(rotated.get("secret").stringValue()).startsWith("kimi-sk-");
        assertThat(rotated.get("key").get("endings")).hasSize(2);

        JsonNode revoked = admin.send("DELETE", "/admin/api/keys/" + id, "");
        assertThat(revoked.get("state").stringValue()).isEqualTo("revoked");
        assertThat(revoked.has("secret")).isFalse();
    }

    @Test
    void cost_is_listed_by_key_the_dearest_first_and_the_revoked_last() {
        String cheap = issue("{\"name\":\"cheap\"}");
        String dear = issue("{\"name\":\"dear\",\"limits\":{\"budgetPerMonth\":50}}");
        String gone = issue("{\"name\":\"gone\"}");
        admin.keys.used(cheap, 0, "0.10", "0.30");
        admin.keys.used(dear, 3, "4.20", "42.00");
        admin.keys.used(gone, 0, "9", "99");
        admin.keys.revoke(gone);

        JsonNode keys = admin.read("/admin/api/keys").get("keys");

        assertThat(keys.valueStream().map(key -> key.get("name").stringValue()))
                .containsExactly("dear", "cheap", "gone");
        assertThat(keys.get(0).get("usage").get("inFlight").intValue()).isEqualTo(3);
        assertThat(keys.get(0).get("usage").get("spentToday").decimalValue()).isEqualByComparingTo("4.20");
        assertThat(keys.get(0).get("usage").get("spentThisMonth").decimalValue())
                .isEqualByComparingTo("42");
        assertThat(keys.get(0).get("limits").get("budgetPerMonth").decimalValue())
                .isEqualByComparingTo("50");
    }

    @Test
    void a_list_is_bounded_whatever_the_number_of_keys() {
        for (int i = 0; i < AdminKeys.MAX_LISTED + 20; i++) {
            admin.keys.issue(VirtualKey.Terms.named("key " + i));
        }

        JsonNode list = admin.read("/admin/api/keys");

        assertThat(list.get("keys")).hasSize(AdminKeys.MAX_LISTED);
        assertThat(list.get("more").intValue()).isEqualTo(20);
    }

    @ParameterizedTest
    @ValueSource(
            strings = {
                "",
                "[]",
                "nonsense",
                "{}",
                "{\"name\":\" \"}",
                "{\"name\":7}",
                "{\"name\":\"a\",\"name\":\"b\"}",
                "{\"name\":\"a\"} {}",
                "{\"name\":\"a\",\"limits\":{\"requestPerMinute\":5}}",
                "{\"name\":\"a\",\"limits\":{\"requestsPerMinute\":-1}}",
                "{\"name\":\"a\",\"limits\":{\"requestsPerMinute\":1.5}}",
                "{\"name\":\"a\",\"limits\":{\"requestsPerMinute\":\"5\"}}",
                "{\"name\":\"a\",\"limits\":{\"concurrency\":99999999999}}",
                "{\"name\":\"a\",\"limits\":{\"tokensPerMinute\":99999999999999999999}}",
                "{\"name\":\"a\",\"limits\":{\"budgetPerDay\":-1}}",
                "{\"name\":\"a\",\"limits\":{\"budgetPerDay\":1e99}}",
                "{\"name\":\"a\",\"limits\":{\"budgetPerDay\":\"5\"}}",
                "{\"name\":\"a\",\"models\":\"kimi-*\"}",
                "{\"name\":\"a\",\"models\":[5]}",
                "{\"name\":\"a\",\"models\":[\"\"]}",
                "{\"name\":\"a\",\"requestsPerMinute\":5}",
                "{\"name\":\"a\",\"limits\":[]}",
                "{\"name\":\"a\",\"enabled\":\"yes\"}",
                "{\"name\":\"a\",\"expires\":\"tomorrow\"}"
            })
    void terms_that_are_wrong_are_rejected_with_a_sentence_and_issue_nothing(String body) {
        JsonNode problem = admin.send("POST", "/admin/api/keys", body);

        assertThat(problem.get("status").intValue()).isEqualTo(400);
        assertThat(problem.get("detail").stringValue()).hasSizeGreaterThan(10).endsWith(".");
        assertThat(admin.keys.list()).isEmpty();
    }

    @Test
    void a_body_that_is_too_large_is_rejected() {
        JsonNode problem = admin.send("POST", "/admin/api/keys", "{\"name\":\"" + "a".repeat(40_000) + "\"}");

        assertThat(problem.get("status").intValue()).isEqualTo(413);
    }

    @Test
    void a_key_that_there_is_not_is_not_found() {
        assertThat(admin.send("PATCH", "/admin/api/keys/none", "{}")
                        .get("status")
                        .intValue())
                .isEqualTo(404);
        assertThat(admin.send("DELETE", "/admin/api/keys/none", "")
                        .get("status")
                        .intValue())
                .isEqualTo(404);
        assertThat(admin.send("POST", "/admin/api/keys/none/rotate", "{}")
                        .get("status")
                        .intValue())
                .isEqualTo(404);
    }

    @Test
    void an_overlap_is_at_most_thirty_days() {
        String id = issue("{\"name\":\"Ada\"}");

        assertThat(admin.send("POST", "/admin/api/keys/" + id + "/rotate", "{\"overlapSeconds\":2592001}")
                        .get("status")
                        .intValue())
                .isEqualTo(400);
    }

    private String issue(String terms) {
        return admin.send("POST", "/admin/api/keys", terms).get("key").get("id").stringValue();
    }
}
