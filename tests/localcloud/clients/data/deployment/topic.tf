resource "aws_sns_topic" "this" {
  name              = "deployment"
  kms_master_key_id = "alias/aws/sns"
}

resource "aws_sns_topic_subscription" "this" {
  topic_arn = aws_sns_topic.this.arn
  protocol  = "email"
  endpoint  = "somebody@cruddur.example"
}
