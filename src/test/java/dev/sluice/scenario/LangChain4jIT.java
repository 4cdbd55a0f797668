package dev.sluice.scenario;

import static org.assertj.core.api.Assertions.assertThat;
import static org.assertj.core.api.Assertions.assertThatThrownBy;

import com.fasterxml.jackson.databind.JsonNode;
import com.fasterxml.jackson.databind.ObjectMapper;
import dev.langchain4j.agent.tool.ToolSpecification;
import dev.langchain4j.data.message.ChatMessage;
import dev.langchain4j.data.message.ToolExecutionResultMessage;
import dev.langchain4j.data.message.UserMessage;
import dev.langchain4j.exception.ModelNotFoundException;
import dev.langchain4j.model.chat.request.ChatRequest;
import dev.langchain4j.model.chat.request.ResponseFormat;
import dev.langchain4j.model.chat.request.ResponseFormatType;
import dev.langchain4j.model.chat.request.json.JsonObjectSchema;
import dev.langchain4j.model.chat.request.json.JsonSchema;
import dev.langchain4j.model.chat.response.ChatResponse;
import dev.langchain4j.model.chat.response.StreamingChatResponseHandler;
import dev.langchain4j.model.openai.OpenAiChatModel;
import dev.langchain4j.model.openai.OpenAiEmbeddingModel;
import dev.langchain4j.model.openai.OpenAiStreamingChatModel;
import dev.langchain4j.model.output.FinishReason;
import java.io.IOException;
import java.nio.file.Path;
import java.time.Duration;
import java.util.ArrayList;
import java.util.List;
import java.util.concurrent.CompletableFuture;
import java.util.concurrent.ConcurrentLinkedQueue;
import java.util.concurrent.TimeUnit;
import org.junit.jupiter.api.AfterAll;
import org.junit.jupiter.api.BeforeAll;
import org.junit.jupiter.api.Test;
import org.junit.jupiter.api.io.TempDir;

/** LangChain4j's OpenAI client, unmodified, with nothing changed but its base URL. */
class LangChain4jIT {
    private static final Duration PATIENCE = Duration.ofSeconds(60);
    private static final UserMessage QUESTION = UserMessage.from("What does the letter say?");

    @TempDir
    static Path directory;

    private static Proxied proxied;

    @BeforeAll
    static void start() throws IOException {
        proxied = Proxied.start(directory);
    }

    @AfterAll
    static void end() throws IOException {
        proxied.close();
    }

    private static OpenAiChatModel model(String alias) {
        return OpenAiChatModel.builder()
                .baseUrl(proxied.url)
                .apiKey("unused")
                .modelName(alias)
                .timeout(PATIENCE)
                .maxRetries(0)
                .build();
    }

    private static JsonObjectSchema city() {
        return JsonObjectSchema.builder()
                .addStringProperty("city")
                .required("city")
                .build();
    }

    @Test
    void chatsAndIsToldWhatWasUsed() {
        ChatResponse answer = model("fast").chat(QUESTION);
        assertThat(answer.aiMessage().text()).startsWith("It says");
        assertThat(answer.tokenUsage().outputTokenCount()).isPositive();
        assertThat(answer.finishReason()).isEqualTo(FinishReason.STOP);
    }

    @Test
    void getsTheTokensOfAStreamAsTheyCome() throws Exception {
        var streaming = OpenAiStreamingChatModel.builder()
                .baseUrl(proxied.url)
                .apiKey("unused")
                .modelName("fast")
                .timeout(PATIENCE)
                .build();
        var heard = new ConcurrentLinkedQueue<Long>();
        var whole = new CompletableFuture<ChatResponse>();
        streaming.chat(List.of(QUESTION), new StreamingChatResponseHandler() {
            @Override
            public void onPartialResponse(String piece) {
                heard.add(System.nanoTime());
            }

            @Override
            public void onCompleteResponse(ChatResponse response) {
                whole.complete(response);
            }

            @Override
            public void onError(Throwable error) {
                whole.completeExceptionally(error);
            }
        });
        ChatResponse answer = whole.get(PATIENCE.toSeconds(), TimeUnit.SECONDS);
        assertThat(answer.aiMessage().text())
                .isEqualTo(model("fast").chat(QUESTION).aiMessage().text());
        assertThat(answer.tokenUsage().outputTokenCount()).isPositive();
        assertThat(heard).hasSizeGreaterThan(4);
        var times = List.copyOf(heard);
        assertThat(Duration.ofNanos(times.getLast() - times.getFirst())).isGreaterThan(Duration.ofMillis(100));
    }

    @Test
    void getsAnObjectThatFitsItsSchema() throws Exception {
        var schema = JsonSchema.builder().name("Address").rootElement(city()).build();
        ChatResponse answer = model("fast")
                .chat(ChatRequest.builder()
                        .messages(QUESTION)
                        .responseFormat(ResponseFormat.builder()
                                .type(ResponseFormatType.JSON)
                                .jsonSchema(schema)
                                .build())
                        .build());
        JsonNode object = new ObjectMapper().readTree(answer.aiMessage().text());
        assertThat(object.path("city").asText()).isNotEmpty();
    }

    @Test
    void callsToolsAndShowsTheirResults() {
        var tools = List.of("weather", "time").stream()
                .map(name -> ToolSpecification.builder()
                        .name(name)
                        .parameters(city())
                        .build())
                .toList();
        var messages = new ArrayList<ChatMessage>(List.of(QUESTION));
        ChatResponse asking = model("fast")
                .chat(ChatRequest.builder()
                        .messages(messages)
                        .toolSpecifications(tools)
                        .build());
        assertThat(asking.finishReason()).isEqualTo(FinishReason.TOOL_EXECUTION);
        assertThat(asking.aiMessage().toolExecutionRequests())
                .extracting("name")
                .containsExactly("weather", "time");
        messages.add(asking.aiMessage());
        asking.aiMessage()
                .toolExecutionRequests()
                .forEach(call -> messages.add(ToolExecutionResultMessage.from(call, "fine")));
        ChatResponse last = model("fast")
                .chat(ChatRequest.builder()
                        .messages(messages)
                        .toolSpecifications(tools)
                        .build());
        assertThat(last.aiMessage().text()).startsWith("It says");
    }

    @Test
    void embeds() {
        var embeddings = OpenAiEmbeddingModel.builder()
                .baseUrl(proxied.url)
                .apiKey("unused")
                .modelName("fast")
                .build();
        assertThat(embeddings.embed("one").content().dimension()).isEqualTo(64);
    }

    @Test
    void throwsItsOwnTypedErrors() {
        assertThatThrownBy(() -> model("there-is-none").chat(QUESTION))
                .isInstanceOf(ModelNotFoundException.class)
                .hasMessageContaining("SL5005");
    }
}
