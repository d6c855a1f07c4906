package dev.kimi.architecture.samples.httpclient;

import java.net.http.HttpClient;

final class Sender {
    HttpClient client() {
        return HttpClient.newHttpClient();
    }
}
