package dev.kimi.docs;

import org.springframework.boot.SpringApplication;
import org.springframework.boot.autoconfigure.SpringBootApplication;
import org.springframework.cloud.openfeign.EnableFeignClients;

// snippet:spring-feign-application
@SpringBootApplication
@EnableFeignClients
class Application {

    public static void main(String[] args) {
        SpringApplication.run(Application.class, args);
    }
}
// end
