package org.example.outside;

import dev.kimi.starter.feign.KimiFeignConfiguration;
import java.util.Map;
import org.springframework.cloud.openfeign.FeignClient;
import org.springframework.http.ResponseEntity;
import org.springframework.web.bind.annotation.GetMapping;

@FeignClient(name = "files", url = "http://my-second", configuration = KimiFeignConfiguration.class)
interface Files {

    @GetMapping("/v1/models")
    ResponseEntity<Map<String, Object>> list();
}
