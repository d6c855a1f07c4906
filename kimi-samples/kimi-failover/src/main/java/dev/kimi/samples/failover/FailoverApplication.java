package dev.kimi.samples.failover;

import org.springframework.boot.SpringApplication;
import org.springframework.boot.autoconfigure.SpringBootApplication;

/** Start reading at {@code application.yml}, which says where calls go on, and at {@link Conversation}. */
@SpringBootApplication
public class FailoverApplication {

    public static void main(String[] args) {
        SpringApplication.run(FailoverApplication.class, args).close();
    }
}
