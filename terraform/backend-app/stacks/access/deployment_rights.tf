# What units registry, service and alarms ask of what is theirs: to read it, as a plan does, and to make, change and
# remove it. scripts/iam/<unit>_calls.json has the same actions, deploy_calls.json those of the commands.
locals {
  deployment_rights = merge(local.service_rights, local.alarms_rights, {
    Repository = {
      of   = [local.repository_arn]
      read = ["ecr:DescribeRepositories", "ecr:GetLifecyclePolicy", "ecr:ListTagsForResource"]
      write = [
        "ecr:BatchCheckLayerAvailability", "ecr:BatchGetImage", "ecr:CompleteLayerUpload", "ecr:CreateRepository",
        "ecr:DeleteLifecyclePolicy", "ecr:DeleteRepository", "ecr:DescribeImages", "ecr:InitiateLayerUpload", "ecr:PutImage",
        "ecr:PutLifecyclePolicy", "ecr:TagResource", "ecr:UntagResource", "ecr:UploadLayerPart",
      ]
    }
    ImageParameter = {
      of   = [local.image_arn]
      read = ["ssm:GetParameter", "ssm:ListTagsForResource"]
      write = [
        "ssm:AddTagsToResource", "ssm:DeleteParameter", "ssm:GetParameterHistory", "ssm:GetParameters", "ssm:PutParameter",
        "ssm:RemoveTagsFromResource",
      ]
    }
  })

  service_rights = merge({
    Service = {
      of   = [local.cluster_arn, local.service_arn, local.tasks_arn, local.task_definitions_arn]
      read = ["ecs:DescribeClusters", "ecs:DescribeServices"]
      write = [
        "ecs:CreateCluster", "ecs:CreateService", "ecs:DeleteCluster", "ecs:DeleteService", "ecs:DeleteTaskDefinitions",
        "ecs:DescribeTasks", "ecs:ListTagsForResource", "ecs:TagResource", "ecs:UntagResource", "ecs:UpdateService",
      ]
    }
    Scaling = {
      of   = [local.scalable_targets_arn]
      read = ["application-autoscaling:ListTagsForResource"]
      write = [
        "application-autoscaling:DeleteScalingPolicy", "application-autoscaling:DeregisterScalableTarget",
        "application-autoscaling:PutScalingPolicy", "application-autoscaling:RegisterScalableTarget",
        "application-autoscaling:TagResource", "application-autoscaling:UntagResource",
      ]
    }
    LoadBalancer = {
      of   = concat([local.load_balancer_arn, local.target_group_arn], local.listener_arns)
      read = []
      write = [for action in [
        "AddTags", "CreateListener", "CreateLoadBalancer", "CreateRule", "CreateTargetGroup", "DeleteListener",
        "DeleteLoadBalancer", "DeleteRule", "DeleteTargetGroup", "ModifyListener", "ModifyLoadBalancerAttributes", "ModifyRule",
        "ModifyTargetGroup", "ModifyTargetGroupAttributes", "RemoveTags", "SetSubnets",
      ] : "elasticloadbalancing:${action}"]
    }
    Certificate = { of = [local.certificates_arn], read = ["acm:DescribeCertificate", "acm:ListTagsForCertificate"], write = [] }
    }, var.hosted_zone_id == "" ? {} : {
    Zone = {
      of    = ["arn:${local.partition}:route53:::hostedzone/${var.hosted_zone_id}"]
      read  = ["route53:GetHostedZone", "route53:ListResourceRecordSets"]
      write = ["route53:ChangeResourceRecordSets"]
    }
  })
}
