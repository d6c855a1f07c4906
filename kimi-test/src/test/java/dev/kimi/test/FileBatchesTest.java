package dev.kimi.test;

import static org.assertj.core.api.Assertions.assertThat;

import java.net.URI;
import java.net.http.HttpClient;
import java.net.http.HttpRequest;
import java.net.http.HttpRequest.BodyPublishers;
import java.net.http.HttpResponse;
import java.net.http.HttpResponse.BodyHandlers;
import org.junit.jupiter.api.AfterEach;
import org.junit.jupiter.api.Test;
import org.junit.jupiter.params.ParameterizedTest;
import org.junit.jupiter.params.provider.CsvSource;
import org.junit.jupiter.params.provider.ValueSource;

/** What the simulator rejects of files and batches, as Kimi's service does; that they work, clients test. */
class FileBatchesTest {

    private final HttpClient http = HttpClient.newHttpClient();
    private final KimiSimulator kimi = KimiSimulator.builder().keys("sk-test").start();

    @AfterEach
    void stop() {
        kimi.close();
    }

    private HttpResponse<String> send(String method, String path, String key, String type, String body)
            throws Exception {
        HttpRequest request = HttpRequest.newBuilder(URI.create(kimi.baseUrl() + path))
                .header("Authorization", "Bearer " + key)
                .header("Content-Type", type)
                .method(method, BodyPublishers.ofString(body))
                .build();
        return http.send(request, BodyHandlers.ofString());
    }

    private String upload(String purpose, String content) throws Exception {
        String form = "--b\r\nContent-Disposition: form-data; name=\"purpose\"\r\n\r\n" + purpose
                + "\r\n--b\r\nContent-Disposition: form-data; name=\"file\"; filename=\"a\"\r\n\r\n" + content
                + "\r\n--b--\r\n";
        HttpResponse<String> response = send("POST", "/v1/files", "sk-test", "multipart/form-data; boundary=b", form);
        assertThat(response.statusCode()).isEqualTo(200);
        return response.body().replaceAll(".*\"id\":\"([^\"]+)\".*", "$1");
    }

    @ParameterizedTest
    @ValueSource(
            strings = {
                "",
                "--b--\r\n",
                "--b\r\nContent-Disposition: form-data; name=\"purpose\"\r\n\r\nimage\r\n--b--\r\n",
                "--b\r\nContent-Disposition: form-data; name=\"file\"; filename=\"a\"\r\n\r\nx\r\n--b--\r\n",
                "--b\r\nContent-Disposition: form-data; name=\"file\"; filename=\"a\"\r\n\r\nx",
                "--b\r\nContent-Disposition: form-data\r\n\r\nx\r\n--b--\r\n"
            })
    void a_form_without_file_or_purpose_is_rejected(String form) throws Exception {
        assertThat(send("POST", "/v1/files", "sk-test", "multipart/form-data; boundary=b", form)
                        .statusCode())
                .isEqualTo(400);
        assertThat(send("POST", "/v1/files", "sk-test", "application/json", "{}")
                        .statusCode())
                .isEqualTo(400);
    }

    @Test
    void files_are_seen_by_their_account_only() throws Exception {
        String id = upload("image", "x");

        assertThat(send("GET", "/v1/files/" + id, "sk-test", "a/b", "").statusCode())
                .isEqualTo(200);
        assertThat(send("GET", "/v1/files/" + id, "sk-wrong", "a/b", "").statusCode())
                .isEqualTo(401);
        kimi.reset();
        assertThat(send("GET", "/v1/files/" + id, "sk-test", "a/b", "").statusCode())
                .isEqualTo(404);
    }

    @ParameterizedTest
    @CsvSource({
        "batch, /v1/chat/completions, 12h, 200",
        "batch, /v1/chat/completions, 7d, 200",
        "batch, /v1/chat/completions, 168h, 200",
        "batch, /v1/chat/completions, 11h, 400",
        "batch, /v1/chat/completions, 169h, 400",
        "batch, /v1/chat/completions, 8d, 400",
        "batch, /v1/embeddings, 12h, 400",
        "image, /v1/chat/completions, 12h, 400"
    })
    void a_batch_needs_a_file_for_it_and_a_window_of_12_hours_to_7_days(
            String purpose, String endpoint, String window, int status) throws Exception {
        String line = "{\"custom_id\":\"a\",\"body\":{\"model\":\"kimi-k3\",\"messages\":[{\"role\":\"user\","
                + "\"content\":\"Why?\"}]}}";
        String body = "{\"input_file_id\":\"" + upload(purpose, line) + "\",\"endpoint\":\"" + endpoint
                + "\",\"completion_window\":\"" + window + "\"}";

        assertThat(send("POST", "/v1/batches", "sk-test", "application/json", body)
                        .statusCode())
                .isEqualTo(status);
    }

    @Test
    void a_line_that_is_no_request_is_named() throws Exception {
        String body = "{\"input_file_id\":\"" + upload("batch", "{\"custom_id\":\"a\",\"body\":{}}\nnothing")
                + "\",\"endpoint\":\"/v1/chat/completions\",\"completion_window\":\"1d\"}";

        assertThat(send("POST", "/v1/batches", "sk-test", "application/json", body)
                        .body())
                .contains("line 2 of the file");
    }
}
