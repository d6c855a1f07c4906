package dev.kimi.docs;

import dev.kimi.starter.feign.KimiFeignConfiguration;
import java.util.Map;
import org.springframework.cloud.openfeign.FeignClient;
import org.springframework.http.ResponseEntity;
import org.springframework.web.bind.annotation.GetMapping;

// snippet:spring-feign
@FeignClient(name = "files", url = "http://kimi", configuration = KimiFeignConfiguration.class)
interface Files {

    @GetMapping("/v1/files")
    ResponseEntity<Map<String, Object>> list();
}
// end
