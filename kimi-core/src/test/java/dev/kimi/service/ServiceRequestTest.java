package dev.kimi.service;

import static org.assertj.core.api.Assertions.assertThat;
import static org.assertj.core.api.Assertions.assertThatThrownBy;

import java.util.stream.IntStream;
import org.junit.jupiter.api.Test;

class ServiceRequestTest {

    @Test
    void headers_keep_their_order_and_cannot_be_changed() {
        ServiceRequest request = ServiceRequest.get("/v1/models");
        for (int i = 0; i < 20; i++) {
            request = request.header("X-" + i, "v");
        }

        assertThat(request.headers().keySet())
                .containsExactlyElementsOf(
                        IntStream.range(0, 20).mapToObj(i -> "x-" + i).toList());
        var headers = request.headers();
        assertThatThrownBy(() -> headers.put("x", "y")).isInstanceOf(UnsupportedOperationException.class);
    }
}
